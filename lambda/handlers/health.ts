/** The entry for stages without keys of their own: it has no rights and no secrets. */
import { createHealthHandler } from "./health-routes";

export const handler = createHealthHandler();
