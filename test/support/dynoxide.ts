import { existsSync } from "node:fs";

/** dynoxide is one binary for Linux on x86-64. */
export const HAS_DYNOXIDE = existsSync("node_modules/@dynoxide/linux-x64/dynoxide");
