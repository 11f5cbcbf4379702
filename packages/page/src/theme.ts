/**
 * Runs before anything is painted: whoever has chosen light or dark never sees the other one flash
 * up.
 */
import { applyTheme, storedTheme } from "./theme-choice";

applyTheme(storedTheme());
