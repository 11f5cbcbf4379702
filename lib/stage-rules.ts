/**
 * What the schema cannot see: settings that are right by themselves and cannot work together, or in
 * this account. `npm start` deploys nowhere, so its stage is not held to these.
 */
import { EXAMPLE_CLIENT_ID, type Stage } from "./stage";

/** @returns the sentence for the owner, or undefined where the rule holds */
type Rule = (stage: Stage, account: string | undefined) => string | undefined;

const RULES: readonly Rule[] = [
  refuseExampleClient,
  refuseExampleHosts,
  refuseCookiesWithoutDomain,
  refuseCookiesAcrossSites,
  refuseForeignRoles,
  refuseForeignCertificate,
  refuseForeignZone,
  refuseOwnVault,
  refuseRecoveryBeyondItsShare,
];

/**
 * @param account that the deployment goes to, where it is known
 * @throws Error with one sentence that names the field and what to write there
 */
export function assertDeployable(stage: Stage, account: string | undefined): void {
  const known = stage.env?.account ?? account;
  for (const rule of RULES) {
    const sentence = rule(stage, known);
    if (sentence !== undefined) {
      throw new Error(`stage file: ${sentence}`);
    }
  }
}

function refuseExampleClient({ name, idp }: Stage): string | undefined {
  return idp.clientId === EXAMPLE_CLIENT_ID
    ? `"idp.clientId" is still the example: put your client id into lib/stages/${name}.ts, ` +
        "or pass -c clientId=…"
    : undefined;
}

/** No host under `.example` exists (RFC 2606 section 2). */
function refuseExampleHosts({ name, ...stage }: Stage): string | undefined {
  const fields = {
    corsOrigins: stage.corsOrigins.map(hostOf),
    redirectUris: stage.redirectUris.map(hostOf),
    "domain.name": stage.domain === undefined ? [] : [stage.domain.name],
    "alarms.email": stage.alarms?.email === undefined ? [] : [stage.alarms.email],
  };
  const found = Object.entries(fields).find(([, hosts]) =>
    hosts.some((host) => host.endsWith(".example")),
  );
  return found === undefined
    ? undefined
    : `"${found[0]}" still has an example: put yours into lib/stages/${name}.ts`;
}

function refuseCookiesWithoutDomain({ sessions, domain }: Stage): string | undefined {
  return sessions.transport === "cookie" && domain === undefined
    ? '"domain" is missing: a cookie works only where page and API are on one site, so write ' +
        'such as domain: { name: "api.<your site>", … }, or sessions.transport: "bearer"'
    : undefined;
}

function refuseCookiesAcrossSites({ sessions, domain, corsOrigins }: Stage): string | undefined {
  if (sessions.transport !== "cookie" || domain === undefined) {
    return undefined;
  }
  const foreign = corsOrigins.find((origin) => !areOneSite(hostOf(origin), domain.name));
  return foreign === undefined
    ? undefined
    : `"corsOrigins" has ${foreign}, which is not on the site of ${domain.name}: ` +
        "no browser sends its cookie from there";
}

/** An HTTP API has no resource policy, and the keys allow this account only. */
function refuseForeignRoles(stage: Stage, account: string | undefined): string | undefined {
  for (const field of ["serviceRoleArns", "operatorRoleArns"] as const) {
    const foreign = stage[field]?.find(
      (arn) => account !== undefined && accountOf(arn) !== account,
    );
    if (foreign !== undefined) {
      return (
        `"${field}" has ${foreign}, a role of another account than ${String(account)}: it can ` +
        "never call, so name a role of this account that it may assume"
      );
    }
  }
  return undefined;
}

function refuseForeignCertificate(stage: Stage, account: string | undefined): string | undefined {
  const { domain, env } = stage;
  if (domain?.certificateArn === undefined) {
    return undefined;
  }
  const [, , , region, owner] = domain.certificateArn.split(":");
  return (account === undefined || owner === account) &&
    (env?.region === undefined || region === env.region)
    ? undefined
    : '"domain.certificateArn" must be a certificate of the account and region that the API is in';
}

function refuseForeignZone({ domain }: Stage): string | undefined {
  const zone = domain?.hostedZone?.name;
  return domain === undefined || zone === undefined || `.${domain.name}`.endsWith(`.${zone}`)
    ? undefined
    : `"domain.hostedZone" must be the zone that ${domain.name} belongs to`;
}

function refuseOwnVault({ env, backup }: Stage, account: string | undefined): string | undefined {
  const [, , , region, owner] = backup?.copyTo?.split(":") ?? [];
  return owner !== undefined && owner === account && region === env?.region
    ? '"backup.copyTo" must be a vault of another account or region: this one is where the data is'
    : undefined;
}

function refuseRecoveryBeyondItsShare(stage: Stage): string | undefined {
  const reserved = stage.reservedConcurrency?.recovery;
  const wanted = stage.recoveryConcurrency;
  return reserved !== undefined && wanted !== undefined && wanted > reserved
    ? '"recoveryConcurrency" must not be above reservedConcurrency.recovery: ' +
        "messages beyond it would be throttled"
    : undefined;
}

function hostOf(address: string): string {
  return new URL(address).hostname;
}

function accountOf(arn: string): string | undefined {
  return arn.split(":")[4];
}

/**
 * Whether one host is the other's parent, or both have the same one: `app.example` with
 * `api.app.example`, or `www.` with `api.`. A parent of one label is a public suffix. (Browsers ask
 * the list of public suffixes, and allow no more than this plus deeper relatives.)
 */
function areOneSite(page: string, api: string): boolean {
  const parent = api.slice(api.indexOf(".") + 1);
  const site = parent.includes(".") ? parent : api;
  return page === site || page.endsWith(`.${site}`) || api.endsWith(`.${page}`);
}
