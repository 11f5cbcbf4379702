import { fileURLToPath } from "node:url";

/** Members that no consumer, no host and no wire ever sees: their names may be short. */
const INTERNAL = [
  ...["isCookie", "accessTokens", "emitter", "openChannel", "onRestored", "clocks", "required"],
  ...["learn", "hear", "keeper", "begin", "attempt", "patiently", "alone", "tell"],
  ...[
    "current",
    "end",
    "api",
    "key",
    "channel",
    "held",
    "pageKeeper",
    "isStored",
    "isPersonal",
    "check",
    "page",
  ],
  ...["shelf", "work", "seconds", "since", "start", "finish", "obtain", "renew", "keep", "drop"],
  ...["has", "path", "content", "bearer", "read", "write", "remove", "send", "emit"],
];

/** Of what is published, and of what the size budget is measured on. */
export const bundleOptions = {
  entryPoints: [fileURLToPath(new URL("src/vault-client.ts", import.meta.url))],
  bundle: true,
  format: "esm",
  minify: true,
  mangleProps: new RegExp(`^(?:${INTERNAL.join("|")})$`),
  target: "es2022",
};
