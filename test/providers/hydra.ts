/** Ory Hydra, with a login app that knows everybody. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePorts } from "../integration/other-providers";
import { createBrowser, type Page } from "./browser";
import { HYDRA } from "./prepared";
import { live, run } from "./process";
import { ask, json, type Place, type RealProvider } from "./provider";

const SCOPE = "openid offline_access profile email";
/** Of the login app. Nobody listens there: its pages are the driver's own doing. */
const LOGIN = "http://127.0.0.1:9/login";
const CONSENT = "http://127.0.0.1:9/consent";

export async function startHydra(place: Place): Promise<RealProvider> {
  const { proxy, port, folder, redirectUri } = place;
  const [adminPort = 0] = await freePorts(1);
  const admin = `http://127.0.0.1:${adminPort}/admin`;
  const issuer = proxy.origin;
  const environment = {
    DSN: `sqlite://${join(folder, "hydra.sqlite")}?_fk=true`,
    SECRETS_SYSTEM: randomBytes(24).toString("hex"),
    SERVE_PUBLIC_HOST: "127.0.0.1",
    SERVE_PUBLIC_PORT: String(port),
    SERVE_ADMIN_HOST: "127.0.0.1",
    SERVE_ADMIN_PORT: String(adminPort),
    URLS_SELF_ISSUER: issuer,
    URLS_LOGIN: LOGIN,
    URLS_CONSENT: CONSENT,
    SQA_OPT_OUT: "true",
  };
  const env = { ...process.env, ...environment };
  await promisify(execFile)(HYDRA.path, ["migrate", "sql", "-e", "--yes"], { env });
  const start = async () =>
    await run({
      command: HYDRA.path,
      args: ["serve", "all", "--dev"],
      environment,
      // It makes its keys when it is asked for them first, which may take long.
      healthUrl: `http://127.0.0.1:${port}/.well-known/jwks.json`,
    });
  const life = await live(start);
  const clientSecret = randomBytes(24).toString("base64url");
  const made = await ask(
    `${admin}/clients`,
    json("POST", {
      client_secret: clientSecret,
      redirect_uris: [redirectUri],
      grant_types: ["authorization_code", "refresh_token"],
      scope: SCOPE,
      token_endpoint_auth_method: "client_secret_basic",
    }),
  );
  const { client_id: clientId } = (await made.json()) as { client_id: string };
  let scopes = SCOPE.split(" ");
  return {
    title: "Ory Hydra",
    version: HYDRA.version,
    proxy,
    issuer,
    clientId,
    clientSecret,
    redirectUri,
    isStrict: true,
    visit: async (address, person) => await visit({ admin, redirectUri, scopes }, address, person),
    setLifetime: async (seconds) => {
      const lifespan = `${seconds}s`;
      await ask(
        `${admin}/clients/${clientId}/lifespans`,
        json("PUT", {
          authorization_code_grant_access_token_lifespan: lifespan,
          refresh_token_grant_access_token_lifespan: lifespan,
        }),
      );
    },
    revoke: async (sub) => {
      const query = new URLSearchParams({ subject: sub, all: "true" });
      const path = `oauth2/auth/sessions/consent?${query.toString()}`;
      await ask(`${admin}/${path}`, { method: "DELETE" });
    },
    withhold: async (withheld) => {
      scopes = SCOPE.split(" ").filter((scope) => scope !== withheld);
      await Promise.resolve();
    },
    // What a person has agreed to is asked of the login app at the sign-in only.
    takesScopesBack: false,
    ...life,
  };
}

interface Desk {
  readonly admin: string;
  readonly redirectUri: string;
  /** What people agree to. */
  readonly scopes: readonly string[];
}

/** The browser, and the login app that Hydra sends it to. */
async function visit(desk: Desk, address: string, person: string): Promise<URL> {
  const { admin, redirectUri, scopes } = desk;
  const browser = createBrowser();
  const open = async (url: string): Promise<Page> =>
    await browser.open(url, [LOGIN, CONSENT, redirectUri]);
  const accept = async (kind: "login" | "consent", at: URL, body: object): Promise<string> => {
    const challenge = at.searchParams.get(`${kind}_challenge`) ?? "";
    const path = `oauth2/auth/requests/${kind}/accept?${kind}_challenge=${challenge}`;
    const accepted = await ask(`${admin}/${path}`, json("PUT", body));
    return ((await accepted.json()) as { redirect_to: string }).redirect_to;
  };
  const login = await open(address);
  const consent = await open(await accept("login", login.url, { subject: person }));
  const grant = {
    grant_scope: scopes,
    session: { id_token: { name: person }, access_token: {} },
  };
  return (await open(await accept("consent", consent.url, grant))).url;
}
