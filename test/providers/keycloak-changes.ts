/** One setting of Keycloak changed at a time: what its administrators do to tokens. */
import type { Step } from "./journey";
import type { Keycloak, Mapper } from "./keycloak";
import { NEW_ONE, newPerson, type Vault } from "./vault";

const AUDIENCE = "another-api";
const HOURS = 3_600;
const GROUPS = 150;

/** What the stage has besides what was printed, so that all changes pass. */
export const CHANGED_STAGE = {
  trustedAudiences: [AUDIENCE],
  idTokenSigningAlgs: ["RS256", "ES384"],
} as const;

const hardcoded = (name: string, value: unknown, type: string): Mapper => ({
  kind: "oidc-hardcoded-claim-mapper",
  config: {
    "claim.name": name,
    "claim.value": typeof value === "string" ? value : JSON.stringify(value),
    "jsonType.label": type,
    "id.token.claim": "true",
  },
});

const AUDIENCE_MAPPER: Mapper = {
  kind: "oidc-audience-mapper",
  config: {
    "included.custom.audience": AUDIENCE,
    "id.token.claim": "true",
    "access.token.claim": "true",
  },
};

const SUBJECT_MAPPER: Mapper = {
  kind: "oidc-usermodel-property-mapper",
  config: {
    "user.attribute": "username",
    "claim.name": "sub",
    "jsonType.label": "String",
    "access.token.claim": "true",
    "id.token.claim": "false",
    "userinfo.token.claim": "false",
  },
};

type Change = (keycloak: Keycloak) => Promise<() => Promise<void>>;

const mapped =
  (mapper: Mapper): Change =>
  async (keycloak) =>
    await keycloak.addMapper(mapper);

const withAttributes =
  (attributes: Readonly<Record<string, string>>): Change =>
  async ({ changeClient }) => {
    await changeClient({ attributes });
    // Keycloak takes an attribute away that is empty.
    const none = Object.fromEntries(Object.keys(attributes).map((name) => [name, ""]));
    return async () => {
      await changeClient({ attributes: none });
    };
  };

const signedWithEs384: Change = async (keycloak) => {
  await keycloak.addKey();
  return await withAttributes({ "id.token.signed.response.alg": "ES384" })(keycloak);
};

/** A stage as it was printed: refused, and the log names what would allow it. */
export const REFUSALS: readonly Step<Keycloak>[] = [
  refused("audience mapper, stage as printed", mapped(AUDIENCE_MAPPER), "idp.trustedAudiences"),
  refused("ES384, stage as printed", signedWithEs384, "idp.idTokenSigningAlgs"),
];

/** A stage with {@link CHANGED_STAGE}. */
export const CHANGES: readonly Step<Keycloak>[] = [
  accepted("audience mapper, `trustedAudiences`", mapped(AUDIENCE_MAPPER)),
  accepted("claim `client_id` in the ID token", mapped(hardcoded("client_id", "vault", "String"))),
  accepted(`${GROUPS} group ids in the ID token`, mapped(groups())),
  accepted(
    "tokens that live for two hours",
    withAttributes({ "access.token.lifespan": String(2 * HOURS) }),
  ),
  accepted("ES384, `idTokenSigningAlgs`", signedWithEs384),
  accepted("access token's `sub` is the user name", mapped(SUBJECT_MAPPER)),
  {
    title: "no refresh token issued",
    isLong: true,
    play: async (vault, keycloak) =>
      await during(keycloak, withAttributes({ "use.refresh.tokens": "false" }), async () => {
        const { status, body } = await vault.open(await vault.authorize(newPerson()));
        expect(status).toBe(201);
        const later = await vault.settled(String(body.session.token), NEW_ONE);
        expect([later.status, later.body.reason]).toEqual([409, "no_refresh_token"]);
        return "201, then 409 `no_refresh_token`";
      }),
  },
];

function groups(): Mapper {
  const id = "0f8fad5b-d9cb-469f-a165-70867728950e";
  return hardcoded("groups", Array(GROUPS).fill(id), "JSON");
}

function accepted(title: string, change: Change): Step<Keycloak> {
  const play = async (vault: Vault, keycloak: Keycloak) =>
    await during(keycloak, change, async () => {
      const { session } = await vault.signIn();
      const { status } = await vault.settled(session, NEW_ONE);
      expect(status).toBe(200);
      return "201, refresh 200";
    });
  return { title, isLong: true, play };
}

function refused(title: string, change: Change, setting: string): Step<Keycloak> {
  const play = async (vault: Vault, keycloak: Keycloak) =>
    await during(keycloak, change, async () => {
      vault.takeNamedSettings();
      const { status } = await vault.open(await vault.authorize(newPerson()));
      expect([status, vault.takeNamedSettings()]).toEqual([401, [setting]]);
      return `401, log names \`${setting}\``;
    });
  return { title, isLong: true, play };
}

async function during<T>(keycloak: Keycloak, change: Change, work: () => Promise<T>): Promise<T> {
  const undo = await change(keycloak);
  try {
    return await work();
  } finally {
    await undo();
  }
}
