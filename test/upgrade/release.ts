/**
 * The previous release as a file of this repository: templates and bundles of its stage `local`,
 * which it made of its own source (`npm run upgrade:keep`). So the test needs neither git nor the
 * release's packages.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import type { LocalContext } from "../../lib/stages/local";

/** Which release is kept. */
export interface Kept {
  readonly version: string;
  readonly commit: string;
  /** Of `release.br`, in hexadecimal. */
  readonly sha256: string;
}

const FILE = join(__dirname, "release.br");
const KEPT = join(__dirname, "release.json");
/** Brotli's largest window: most of the bundles is the same in each. */
const WINDOW_BITS = 24;

/** What the kept templates have in the place of a run's own; no other text is like them. */
const PLACEHOLDER = {
  issuer: "http://127.0.0.1:60001",
  clientId: "the-client-id-of-a-run",
  origin: "http://127.0.0.1:60002",
} as const;

/** A provider at which a token that is used twice ends the family: nothing may be lost here. */
export const STRICT = {
  profile: "oidc",
  refreshTokenFormat: "jwt",
  clientAuthentication: "client_secret_post",
  refreshTokenRotation: "strict",
  refreshTokenIdleSeconds: 86_400,
} as const;

/** What the release is synthesized with. */
export const KEPT_CONTEXT: LocalContext = {
  issuer: PLACEHOLDER.issuer,
  clientId: PLACEHOLDER.clientId,
  redirectUris: [`${PLACEHOLDER.origin}/callback`],
  corsOrigins: [PLACEHOLDER.origin],
  idp: STRICT,
};

/** @param files by their path in the cloud assembly */
export function keep(
  { version, commit }: Omit<Kept, "sha256">,
  files: Readonly<Record<string, string>>,
): Kept {
  const packed = brotliCompressSync(JSON.stringify(files), {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: WINDOW_BITS,
    },
  });
  const kept = { version, commit, sha256: sha256(packed) };
  writeFileSync(FILE, packed);
  writeFileSync(KEPT, `${JSON.stringify(kept, undefined, 2)}\n`);
  return kept;
}

/** @throws Error where file and hash do not belong together */
function readKept(): Kept & { readonly files: Readonly<Record<string, string>> } {
  const kept = JSON.parse(readFileSync(KEPT, "utf8")) as Kept;
  const packed = readFileSync(FILE);
  if (sha256(packed) !== kept.sha256) {
    throw new Error(`${FILE} is not what ${KEPT} says: npm run upgrade:keep makes both anew`);
  }
  const files = JSON.parse(brotliDecompressSync(packed).toString("utf8")) as Record<string, string>;
  return { ...kept, files };
}

/** Writes the release's cloud assembly into a folder, for a run with these values. */
export function unpack(
  folder: string,
  values: Readonly<Record<keyof typeof PLACEHOLDER, string>>,
): Kept {
  const { files, ...kept } = readKept();
  for (const [path, text] of Object.entries(files)) {
    const own = path.endsWith(".template.json")
      ? text
          .replaceAll(PLACEHOLDER.issuer, values.issuer)
          .replaceAll(PLACEHOLDER.clientId, values.clientId)
          .replaceAll(PLACEHOLDER.origin, values.origin)
      : text;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), own);
  }
  return kept;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
