/** What `npm start` is told by flags and environment. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { explain, LocalRunError } from "./local-run-error";
import type { StackOptions } from "./stack-options";
import { readPort } from "./tcp-ports";

export const ROOT = join(__dirname, "..");
const DATA_FOLDER = join(ROOT, ".local", "data");
const PAGE_PORT = 4002;

export const HELP = `npm start [-- FLAGS]   runs rollup-vault on this machine from its synthesized template

  --fresh   uses a throw-away data folder (else .local/data, which survives)
  --open    opens the page in your browser
  --tour    shows the main job on the running stack, then ends
  --help    this text

  PORT, ISSUER_PORT, PAGE_PORT       ports of the API (4000), of the local Rollup ID (4001) and of the page (4002, or any
                                     free one if that is taken); 0: any free one
  RESOURCE_URL                       an API of yours that takes the access token, for the page to call: by GET, or with a GraphQL
                                     query (https, or this machine; it must allow the page's origin by CORS)
  LOCAL_ENGINE                       dynalite (default) or dynoxide
  LOCAL_OUTPUTS                      where the addresses are written (.local/outputs.json)
  AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_KMS, AWS_ENDPOINT_URL_SECRETS_MANAGER, AWS_ENDPOINT_URL_SQS
                                     endpoints to use instead of the local ones (DynamoDB Local, LocalStack, moto, …)
`;

export interface Flags {
  readonly fresh: boolean;
  readonly open: boolean;
  readonly tour: boolean;
  readonly help: boolean;
}

/** @throws LocalRunError naming the flag */
export function readFlags(): Flags {
  try {
    const { values } = parseArgs({
      options: {
        fresh: { type: "boolean", default: false },
        open: { type: "boolean", default: false },
        tour: { type: "boolean", default: false },
        help: { type: "boolean", default: false, short: "h" },
      },
    });
    return values;
  } catch (error) {
    throw new LocalRunError(`${explain(error)} (npm start -- --help lists the flags)`);
  }
}

/** @throws LocalRunError naming the variable */
export function readOptions(fresh: boolean): StackOptions {
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
  return {
    port: readPort("PORT", 4000),
    issuerPort: readPort("ISSUER_PORT", 4001),
    // Any free port will do: only the browser needs it, and the output shows it.
    page: {
      port: readPort("PAGE_PORT", PAGE_PORT),
      orAnyOther: !env["PAGE_PORT"],
      ...(env["RESOURCE_URL"] && { resourceUrl: readResourceUrl(env["RESOURCE_URL"]) }),
    },
    engine,
    external: Object.fromEntries(Object.entries(external).filter(([, url]) => url !== undefined)),
    ...(!fresh && { dataFolder: DATA_FOLDER }),
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
