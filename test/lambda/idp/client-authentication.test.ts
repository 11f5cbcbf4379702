import {
  CLIENT_AUTHENTICATIONS,
  clientAuthenticationOf,
  clientCredentialOf,
  clientKeysOf,
} from "../../../lambda/client-authentication";
import { createPublicClient } from "../../../lambda/idp/client-authentication";
import { authenticateBy } from "../../support/client-credentials";
import { CLIENT_ID } from "../../support/tokens";
import { OIDC_SETTINGS, ROLLUP_SETTINGS } from "./answers";

test("what a stage deploys follows from the method, and each method has its credential", () => {
  const credentials = CLIENT_AUTHENTICATIONS.map((clientAuthentication) => [
    clientAuthentication,
    clientCredentialOf({ ...OIDC_SETTINGS, clientAuthentication }),
  ]);
  expect(Object.fromEntries(credentials)).toEqual({
    client_secret_basic: "secret",
    client_secret_post: "secret",
    private_key_jwt: "key",
    signed_client_secret: "key",
    none: "none",
  });
});

test("Rollup ID takes its secret in the form, whatever a stage may say besides", () => {
  const settings = { ...ROLLUP_SETTINGS, clientAuthentication: "none" } as const;
  expect(clientAuthenticationOf(settings)).toBe("client_secret_post");
  expect(clientCredentialOf(settings)).toBe("secret");
});

test.each([
  [{}, undefined],
  [{ clientAuthentication: "none" }, undefined],
  [{ clientAuthentication: "private_key_jwt" }, { keys: ["1"], alg: "ES256", areImported: false }],
  [
    // Published before it signs.
    { clientSigning: { keys: ["b", "a"], alg: "PS256" } },
    { keys: ["b", "a"], alg: "PS256", areImported: false },
  ],
  [
    {
      clientAuthentication: "signed_client_secret",
      clientSigning: { teamId: "TEAM123456", keys: ["KEY1234567"] },
    },
    { keys: ["KEY1234567"], alg: "ES256", areImported: true },
  ],
] as const)("the keys of %j are %j", (settings, keys) => {
  expect(clientKeysOf({ ...OIDC_SETTINGS, ...settings })).toEqual(keys);
});

describe("a rejected secret", () => {
  const source = { current: () => Promise.resolve("old"), reread: () => Promise.resolve("new") };

  test.each([OIDC_SETTINGS, ROLLUP_SETTINGS])("S42: is read again (%#)", async (settings) => {
    const authentication = authenticateBy(source, settings);
    const renewed = await authentication.renew(await authentication.prepare());
    const other = { ...source, current: source.reread };
    expect(renewed).toEqual(await authenticateBy(other, settings).prepare());
  });

  test.each([OIDC_SETTINGS, ROLLUP_SETTINGS])(
    "S42: that is still the same is not tried again (%#)",
    async (settings) => {
      const same = authenticateBy({ ...source, reread: source.current }, settings);
      expect(await same.renew(await same.prepare())).toBeUndefined();
    },
  );
});

test("a public client says its id, and has nothing to renew", async () => {
  const client = createPublicClient(CLIENT_ID);
  const credentials = await client.prepare();
  expect(credentials).toEqual({ fields: { client_id: CLIENT_ID } });
  expect(await client.renew(credentials)).toBeUndefined();
});
