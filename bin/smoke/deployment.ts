/** The deployment under test, as its outputs describe it. */
import { readFileSync } from "node:fs";
import * as v from "valibot";
import type { IdpSettings } from "../../lambda/env";
import { type Outputs, readOutputs } from "../../local/outputs";
import { Failed } from "./verdict";

export interface Deployment {
  /** Without a slash at its end. */
  readonly apiUrl: string;
  readonly idp: IdpSettings;
  /** Undefined: an older version is deployed, which does not say. */
  readonly corsOrigins: readonly string[] | undefined;
  readonly region: string;
  readonly hasServiceRoute: boolean;
  /** Whether it publishes keys by which it signs as a client. */
  readonly publishesKeys: boolean;
  readonly isLocal: boolean;
  /** Of a local run. */
  readonly outputs?: Outputs;
}

const idpSettings = v.custom<IdpSettings>((value) => typeof value === "object" && value !== null);

/** Outputs of all stacks of one deployment, merged: their names are distinct. */
const schema = v.object({
  ApiUrl: v.string(),
  IdpSettings: v.pipe(v.string(), v.parseJson(), idpSettings),
  CorsOrigins: v.optional(v.pipe(v.string(), v.parseJson(), v.array(v.string()))),
  ServiceRouteArn: v.optional(v.string()),
  JwksUri: v.optional(v.string()),
  GrantKeyArn: v.string(),
});

/** @throws Failed, LocalRunError */
export async function readDeployment(file: string, apiUrl?: string): Promise<Deployment> {
  const content = readJson(file);
  const stacks = v.safeParse(v.record(v.string(), v.record(v.string(), v.string())), content);
  const deployment = stacks.success ? deployed(stacks.output, file) : await local(file);
  return { ...deployment, apiUrl: (apiUrl ?? deployment.apiUrl).replace(/\/$/, "") };
}

function deployed(
  stacks: Readonly<Record<string, Readonly<Record<string, string>>>>,
  file: string,
): Deployment {
  const merged = Object.fromEntries(Object.values(stacks).flatMap((all) => Object.entries(all)));
  const parsed = v.safeParse(schema, merged);
  if (!parsed.success) {
    throw new Failed(
      `${file} is not of "npx cdk deploy --all --outputs-file ${file}": ` +
        `${v.getDotPath(parsed.issues[0]) ?? "something"} is missing or wrong`,
    );
  }
  const outputs = parsed.output;
  const [, , , region = ""] = outputs.GrantKeyArn.split(":");
  return {
    apiUrl: outputs.ApiUrl,
    idp: outputs.IdpSettings,
    corsOrigins: outputs.CorsOrigins,
    region,
    hasServiceRoute: outputs.ServiceRouteArn !== undefined,
    publishesKeys: outputs.JwksUri !== undefined,
    isLocal: false,
  };
}

async function local(file: string): Promise<Deployment> {
  const outputs = await readOutputs(file);
  const idp = outputs.idpSettings as unknown as IdpSettings;
  return {
    apiUrl: outputs.apiUrl,
    idp,
    corsOrigins: outputs.corsOrigins,
    region: outputs.region,
    hasServiceRoute: true,
    publishesKeys: idp.clientAuthentication === "private_key_jwt",
    isLocal: true,
    outputs,
  };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as unknown;
  } catch {
    throw new Failed(
      `${file} cannot be read as JSON: name the file of ` +
        '"npx cdk deploy --all --outputs-file FILE" by --outputs, or run npm start',
    );
  }
}
