/** What `npm start` is told by flags and environment. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PRESET_NAMES, type PresetName } from "../lib/provider/preset";
import { readFrontends } from "./frontends";
import { explain, LocalRunError } from "./local-run-error";
import type { OutsideChoice } from "./provider/outside";
import type { StackOptions } from "./stack-options";
import { readPort } from "./tcp-ports";

export const ROOT = join(__dirname, "..");
const LOCAL = join(ROOT, ".local");
const PAGE_PORT = 4002;
/** Gone with the packages, as with `npm ci`. */
const ASSEMBLIES = join(ROOT, "node_modules", ".cache", "rollup-vault", "assemblies");

export const HELP = `npm start [-- FLAGS]   runs rollup-vault on this machine from its synthesized template

  --fresh   uses a throw-away data folder (else one in .local/, which survives; each provider has its own)
  --open    opens the page in your browser
  --tour    shows the main job on the running stack, then ends
  --help    this text

  beside a local Rollup ID, or another provider:
  --preset NAME                      a local provider with the habits of ${PRESET_NAMES.slice(0, 6).join(", ")},
                                     ${PRESET_NAMES.slice(6).join(", ")}
  --issuer URL --client-id ID        a provider that you have, found by its discovery document; --preset says which kind it is,
                                     instead of a guess; register the redirect URIs that are printed
  --trusted-audience AUD             an audience that its ID tokens have besides the client id; may be repeated
  CLIENT_SECRET                      of your app at that provider; else it is asked for at the terminal

  PORT, ISSUER_PORT, PAGE_PORT       ports of the API (4000), of the local provider (4001) and of the page (4002, or any
                                     free one if that is taken, but not with --issuer); 0: any free one
  FRONTEND_URL                       origins of your own apps, separated by commas, e.g. http://localhost:5173; the usual ports
                                     of development servers are allowed anyway, at localhost and 127.0.0.1
  SESSIONS                           bearer (default), or cookie: the session is in a cookie that no script can read
  RESOURCE_URL                       an API of yours that takes the access token, for the page to call: by GET, or with a GraphQL
                                     query (https, or this machine; it must allow the page's origin by CORS)
  LOCAL_ENGINE                       dynalite (default) or dynoxide
  LOCAL_OUTPUTS                      where the addresses are written (.local/outputs.json)
  AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_KMS, AWS_ENDPOINT_URL_SECRETS_MANAGER, AWS_ENDPOINT_URL_SQS
                                     endpoints to use instead of the local ones (DynamoDB Local, LocalStack, moto, …)
`;

/** Which provider the run is beside: the local Rollup ID without any of both. */
export interface ProviderChoice {
  readonly outside?: OutsideChoice;
  /** Played by the local provider. */
  readonly preset?: PresetName;
}

export interface Flags {
  readonly fresh: boolean;
  readonly open: boolean;
  readonly tour: boolean;
  readonly help: boolean;
  readonly provider: ProviderChoice;
}

const FLAGS = {
  fresh: { type: "boolean", default: false },
  open: { type: "boolean", default: false },
  tour: { type: "boolean", default: false },
  help: { type: "boolean", default: false, short: "h" },
  issuer: { type: "string" },
  "client-id": { type: "string" },
  preset: { type: "string" },
  "trusted-audience": { type: "string", multiple: true },
} as const;

/** @throws LocalRunError naming the flag */
export function readFlags(args?: readonly string[]): Flags {
  try {
    const { values } = parseArgs({ options: FLAGS, ...(args && { args: [...args] }) });
    const { fresh, open, tour, help, ...provider } = values;
    return { fresh, open, tour, help, provider: chooseProvider(provider) };
  } catch (error) {
    throw new LocalRunError(`${explain(error)} (npm start -- --help lists the flags)`);
  }
}

interface ProviderFlags {
  readonly issuer?: string;
  readonly "client-id"?: string;
  readonly preset?: string;
  readonly "trusted-audience"?: readonly string[];
}

/** @throws Error naming the flag */
function chooseProvider(flags: ProviderFlags): ProviderChoice {
  const { issuer, "client-id": clientId, "trusted-audience": trustedAudiences } = flags;
  const preset = PRESET_NAMES.find((name) => name === flags.preset);
  if (flags.preset !== undefined && preset === undefined) {
    throw new Error(`--preset must be one of ${PRESET_NAMES.join(", ")}`);
  }
  if (issuer === undefined) {
    const alone = clientId === undefined ? "--trusted-audience" : "--client-id";
    if (clientId !== undefined || trustedAudiences !== undefined) {
      throw new Error(`${alone} needs --issuer`);
    }
    return preset === undefined || preset === "rollup" ? {} : { preset };
  }
  if (clientId === undefined || clientId === "") {
    throw new Error("--issuer needs --client-id, from the provider's console");
  }
  return {
    outside: {
      issuer,
      clientId,
      ...(preset !== undefined && { preset }),
      ...(trustedAudiences !== undefined && { trustedAudiences }),
    },
  };
}

/** Another provider's grants must never meet these. */
export function dataFolderFor({ outside, preset }: ProviderChoice): string {
  if (outside !== undefined) {
    const { issuer, clientId } = outside;
    const hash = createHash("sha256").update(`${issuer} ${clientId}`).digest("hex").slice(0, 12);
    const host = URL.canParse(issuer) ? new URL(issuer).host.replaceAll(/[^\w.-]/g, "-") : "";
    return join(LOCAL, "providers", `${host}-${hash}`);
  }
  return preset === undefined ? join(LOCAL, "data") : join(LOCAL, "presets", preset);
}

/** @throws LocalRunError naming the variable */
export function readOptions({ fresh, provider }: Pick<Flags, "fresh" | "provider">): StackOptions {
  const { env } = process;
  const engine = env["LOCAL_ENGINE"] ?? "dynalite";
  if (engine !== "dynalite" && engine !== "dynoxide") {
    throw new LocalRunError("LOCAL_ENGINE must be dynalite or dynoxide");
  }
  const external = {
    dynamodb: env["AWS_ENDPOINT_URL_DYNAMODB"],
    kms: env["AWS_ENDPOINT_URL_KMS"],
    secretsmanager: env["AWS_ENDPOINT_URL_SECRETS_MANAGER"],
    sqs: env["AWS_ENDPOINT_URL_SQS"],
  };
  const transport = env["SESSIONS"] || "bearer";
  if (transport !== "bearer" && transport !== "cookie") {
    throw new LocalRunError("SESSIONS must be bearer or cookie");
  }
  const port = readPort("PORT", 4000);
  const issuerPort = readPort("ISSUER_PORT", 4001);
  return {
    frontends: readFrontends(env["FRONTEND_URL"]),
    sessions: { transport },
    port,
    issuerPort,
    page: {
      port: readPort("PAGE_PORT", PAGE_PORT),
      // Only the browser needs it, and the output shows it; but a provider that runs elsewhere has
      // the page's redirect URI registered.
      orAnyOther: !env["PAGE_PORT"] && provider.outside === undefined,
      ...(env["RESOURCE_URL"] && { resourceUrl: readResourceUrl(env["RESOURCE_URL"]) }),
    },
    engine,
    external: Object.fromEntries(Object.entries(external).filter(([, url]) => url !== undefined)),
    // A throw-away run has a client of its own, and one at any free port its own addresses.
    ...(!fresh && port !== 0 && issuerPort !== 0 && { assemblies: ASSEMBLIES }),
    ...(!fresh && { dataFolder: dataFolderFor(provider) }),
  };
}

/** Access tokens go there. @throws LocalRunError naming the variable */
export function readResourceUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHere = url?.protocol === "http:" && ["127.0.0.1", "localhost"].includes(url.hostname);
  if (url === undefined || !(isHere || url.protocol === "https:") || url.username !== "") {
    throw new LocalRunError("RESOURCE_URL must be an https URL, or an http one on this machine");
  }
  return url.href;
}
