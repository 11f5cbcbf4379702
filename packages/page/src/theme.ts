/** Runs before the first paint, so that the theme that was not chosen never flashes up. */
import { applyTheme, storedTheme } from "./theme-choice";

applyTheme(storedTheme());
