/** Keycloak: the distribution from Maven Central, with a realm and a client made by its API. */
import { randomBytes } from "node:crypto";
import { createBrowser } from "./browser";
import { copyTemplate, keycloakProgram } from "./keycloak-program";
import { KEYCLOAK } from "./prepared";
import { live, run } from "./process";
import { ask, json, type Place, type RealProvider } from "./provider";

export interface Keycloak extends RealProvider {
  /** Changes some of the client's settings. */
  changeClient(change: object): Promise<void>;
  /** Adds a mapper to the client. @returns what takes it away */
  addMapper(mapper: Mapper): Promise<() => Promise<void>>;
  /** A key for ES384. */
  addKey(): Promise<void>;
}

export interface Mapper {
  readonly kind: string;
  readonly config: Readonly<Record<string, string>>;
}

const REALM = "people";
const CLIENT = "vault";
const ATTRIBUTE = "access.token.lifespan";

/** @param realm settings that differ from the defaults */
export async function startKeycloak(place: Place, realm: object = {}): Promise<Keycloak> {
  const { proxy, port, folder, redirectUri } = place;
  const own = `http://127.0.0.1:${port}`;
  const password = copyTemplate(folder);
  const program = keycloakProgram({ port, folder, origin: proxy.origin });
  const start = async () => await run(program);
  const life = await live(start);
  const admin = createAdmin(own, password);
  const clientSecret = randomBytes(24).toString("base64url");
  await admin("POST", "", { realm: REALM, enabled: true, ...realm });
  await admin("POST", `/${REALM}/clients`, {
    clientId: CLIENT,
    secret: clientSecret,
    redirectUris: [redirectUri],
    standardFlowEnabled: true,
    publicClient: false,
  });
  const found = await admin("GET", `/${REALM}/clients?clientId=${CLIENT}`);
  const [{ id }] = (await found.json()) as [{ id: string }];
  const client = `/${REALM}/clients/${id}`;
  const changeClient = async (change: object) => {
    await admin("PUT", client, { clientId: CLIENT, ...change });
  };
  const people = createPeople(admin, redirectUri);
  const withhold = createWithholding(admin);
  return {
    title: "Keycloak",
    version: KEYCLOAK.version,
    proxy,
    issuer: `${proxy.origin}/realms/${REALM}`,
    clientId: CLIENT,
    clientSecret,
    redirectUri,
    isStrict: "revokeRefreshToken" in realm,
    visit: people.visit,
    setLifetime: async (seconds) => {
      await changeClient({ attributes: { [ATTRIBUTE]: String(seconds) } });
    },
    revoke: async (sub) => {
      await admin("DELETE", `/${REALM}/users/${sub}/consents/${CLIENT}`);
    },
    withhold,
    takesScopesBack: true,
    ...life,
    changeClient,
    addMapper: async ({ kind, config }) => {
      const mapper = { name: kind, protocol: "openid-connect", protocolMapper: kind, config };
      const made = await admin("POST", `${client}/protocol-mappers/models`, mapper);
      const path = new URL(made.headers.get("location") ?? "").pathname;
      return async () => {
        await admin("DELETE", path.slice(path.indexOf(`/${REALM}/`)));
      };
    },
    addKey: async () => {
      await admin("POST", `/${REALM}/components`, {
        name: "es384",
        providerId: "ecdsa-generated",
        providerType: "org.keycloak.keys.KeyProvider",
        config: { ecdsaEllipticCurveKey: ["P-384"], priority: ["100"] },
      });
    },
  };
}

type Admin = (method: string, path: string, body?: object) => Promise<Response>;

/** Its tokens live a minute: each request has one of its own. */
function createAdmin(own: string, password: string): Admin {
  return async (method, path, body) => {
    const form = { grant_type: "password", client_id: "admin-cli", username: "admin", password };
    const answer = await ask(`${own}/realms/master/protocol/openid-connect/token`, {
      method: "POST",
      body: new URLSearchParams(form),
    });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const headers = { authorization: `Bearer ${token}` };
    const init = body === undefined ? { method, headers } : json(method, body, headers);
    return await ask(`${own}/admin/realms${path}`, init);
  };
}

/** A client scope that has a role is granted to people who have that role: to nobody. */
function createWithholding(admin: Admin): RealProvider["withhold"] {
  const role = "nobody";
  let undo = async (): Promise<unknown> => {
    await admin("POST", `/${REALM}/roles`, { name: role });
    return;
  };
  return async (name) => {
    await undo();
    undo = async () => {
      await Promise.resolve();
    };
    if (name === undefined) {
      return;
    }
    const found = await admin("GET", `/${REALM}/client-scopes`);
    const scopes = (await found.json()) as { readonly id: string; readonly name: string }[];
    const { id = "" } = scopes.find((scope) => scope.name === name) ?? {};
    const roles = [await (await admin("GET", `/${REALM}/roles/${role}`)).json()];
    const path = `/${REALM}/client-scopes/${id}/scope-mappings/realm`;
    await admin("POST", path, roles);
    undo = async () => await admin("DELETE", path, roles);
  };
}

function createPeople(admin: Admin, redirectUri: string) {
  const passwords = new Map<string, string>();
  const make = async (person: string): Promise<string> => {
    const known = passwords.get(person);
    if (known !== undefined) {
      return known;
    }
    const password = randomBytes(12).toString("base64url");
    passwords.set(person, password);
    await admin("POST", `/${REALM}/users`, {
      username: person,
      enabled: true,
      firstName: person,
      lastName: "Person",
      email: `${person}@people.example`,
      emailVerified: true,
      credentials: [{ type: "password", value: password, temporary: false }],
    });
    return password;
  };
  return {
    visit: async (address: string, person: string): Promise<URL> => {
      const password = await make(person);
      const browser = createBrowser();
      const page = await browser.open(address, [redirectUri]);
      if (page.html === "") {
        return page.url;
      }
      const fields = { username: person, password, credentialId: "" };
      return (await browser.submit(page, fields, [redirectUri])).url;
    },
  };
}
