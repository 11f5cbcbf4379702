declare module "dynalite" {
  import type { Server } from "node:http";

  function dynalite(options?: {
    /** Folder of the LevelDB; in memory without. */
    path?: string;
    /** Milliseconds that a new table stays in CREATING. */
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }): Server;
  export = dynalite;
}
