/** oidc-provider by Filip Skokan, which is certified, in a process of its own. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { createBrowser } from "./browser";
import { OIDC_PROVIDER } from "./prepared";
import { live, run } from "./process";
import { ask, type Place, type RealProvider } from "./provider";

const SERVER = join(__dirname, "oidc-server.mjs");

export async function startOidcProvider(place: Place): Promise<RealProvider> {
  const { proxy, port, folder, redirectUri } = place;
  const own = `http://127.0.0.1:${port}`;
  const clientId = "vault";
  const clientSecret = randomBytes(24).toString("base64url");
  const client = {
    client_id: clientId,
    client_secret: clientSecret,
    redirect_uris: [redirectUri],
  };
  const options = JSON.stringify({ issuer: proxy.origin, port, folder, client });
  const start = async () =>
    await run({
      command: process.execPath,
      args: ["--no-warnings", SERVER, options],
      healthUrl: `${own}/.well-known/openid-configuration`,
    });
  const life = await live(start);
  return {
    title: "oidc-provider",
    version: OIDC_PROVIDER.version,
    proxy,
    issuer: proxy.origin,
    clientId,
    clientSecret,
    redirectUri,
    isStrict: true,
    visit: async (address, person) => {
      const browser = createBrowser();
      const login = await browser.open(address, [redirectUri]);
      const consent = await browser.submit(login, { login: person, password: "x" }, [redirectUri]);
      return (await browser.submit(consent, {}, [redirectUri])).url;
    },
    setLifetime: async (seconds) => {
      await ask(`${own}/admin/lifetime?seconds=${seconds}`, { method: "POST" });
    },
    revoke: async (sub) => {
      await ask(`${own}/admin/revoke?sub=${sub}`, { method: "POST" });
    },
    withhold: async (scope = "") => {
      await ask(`${own}/admin/withhold?scope=${scope}`, { method: "POST" });
    },
    takesScopesBack: true,
    ...life,
  };
}
