import { runInNewContext } from "node:vm";
import { ownAppLines } from "../../local/own-app";

const OUTPUTS = {
  apiUrl: "http://127.0.0.1:4000",
  issuer: "http://127.0.0.1:4001",
  clientId: "client",
  authorizationEndpoint: "http://127.0.0.1:4001/authorize",
  frontend: { scope: "openid profile", parameters: {}, pkce: false, nonce: false, iss: false },
  frontends: ["http://localhost:5173", "http://127.0.0.1:5173"],
  transport: "bearer" as const,
  idpSettings: {},
};

/** Between `createVaultClient(` and `)`: an expression, to be evaluated where an app would be. */
function pasted(text: string): unknown {
  const [, options = ""] = /createVaultClient\((.*?)\);$/ms.exec(text) ?? [];
  return runInNewContext(`(${options})`, { location: { origin: "http://localhost:5173" } });
}

test("what is printed can be pasted, and has no more than the local Rollup ID needs", () => {
  const text = ownAppLines(OUTPUTS).join("\n");
  expect(text).toMatch(/^your own app, served at http:\/\/localhost:5173 \(or /);
  expect(pasted(text)).toEqual({
    apiUrl: "http://127.0.0.1:4000",
    provider: {
      clientId: "client",
      redirectUri: "http://localhost:5173/callback",
      authorizationEndpoint: "http://127.0.0.1:4001/authorize",
    },
  });
  expect(text).not.toContain("cookie");
});

test("cookies, and what a provider wants besides, are in it", () => {
  const text = ownAppLines({
    ...OUTPUTS,
    transport: "cookie",
    frontend: {
      scope: "openid offline_access",
      parameters: { prompt: "consent" },
      pkce: true,
      nonce: true,
      iss: true,
    },
    idpSettings: { userinfoEndpoint: "https://id.example/userinfo" },
  }).join("\n");
  expect(pasted(text)).toMatchObject({
    transport: "cookie",
    provider: {
      issuer: "http://127.0.0.1:4001",
      scope: "openid offline_access",
      pkce: true,
      nonce: true,
      iss: true,
    },
  });
  expect(text).toContain('createFetch(vault, ["https://id.example"]);');
  expect(text).toContain('vault.signIn({ parameters: {"prompt":"consent"} })');
  expect(text).toContain("within one site only");
});
