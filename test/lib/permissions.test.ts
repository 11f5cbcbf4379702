/** What each function may do is the golden list, whatever the provider. */
import {
  DUE,
  GOLDEN,
  golden,
  type Permission,
  READ_SECRET,
  SIGN,
  UNWRAP_DATA_KEYS,
  withRecovery,
} from "./golden-permissions";
import { permissionsIn, sorted } from "./permissions-in";
import { STAGE, stageWith, synthesize } from "./synth";

describe("S40 S42 S54: exact actions on exact resources under exact conditions", () => {
  test("with Rollup ID", () => {
    expect(permissionsIn(synthesize().api)).toEqual(sorted(GOLDEN));
  });

  test("with another provider whose refresh tokens are JWTs and never change: the same", () => {
    const stage = stageWith({
      profile: "oidc",
      refreshTokenFormat: "jwt",
      refreshTokenRotation: "none",
    });
    expect(permissionsIn(synthesize(stage).api)).toEqual(sorted(GOLDEN));
  });

  test.each([{ refreshTokenRotation: "grace" } as const, {}])(
    "where refresh tokens rotate (%p) the function that exchanges sends to the queue, and one that no route leads to takes from it and exchanges",
    (idp) => {
      const stage = stageWith({ profile: "oidc", refreshTokenFormat: "jwt", ...idp });
      expect(permissionsIn(synthesize(stage).api)).toEqual(sorted(withRecovery(true)));
    },
  );

  test("where tokens only lapse unused, nobody but the sweeper sends to the queue", () => {
    const stage = stageWith({
      profile: "oidc",
      refreshTokenFormat: "jwt",
      refreshTokenRotation: "none",
      refreshTokenIdleSeconds: 86_400,
    });
    expect(permissionsIn(synthesize(stage).api)).toEqual(sorted(withRecovery(false)));
  });

  test.each([{ refreshTokenFormat: "opaque" } as const, {}])(
    "with opaque refresh tokens (%p) the function that takes them in reads the client secret too, and still cannot open",
    (idp) => {
      const { api } = synthesize(stageWith({ profile: "oidc", ...idp }));
      expect(permissionsIn(api)).toEqual(
        sorted({
          ...withRecovery(true),
          RefreshTokenRole: [...(golden(DUE)["RefreshTokenRole"] ?? []), READ_SECRET],
        }),
      );
    },
  );

  test("S60: with a key of the stage the same functions may sign by its one algorithm, and health may show it", () => {
    const stage = stageWith({
      profile: "oidc",
      refreshTokenFormat: "jwt",
      refreshTokenRotation: "none",
      clientAuthentication: "private_key_jwt",
      clientSigning: { keys: ["b", "a"], alg: "PS256" },
    });
    const signing = (role: string) =>
      (GOLDEN[role] ?? []).flatMap((each) => (each === READ_SECRET ? SIGN : [each]));
    expect(permissionsIn(synthesize(stage).api)).toEqual(
      sorted({
        ...GOLDEN,
        AccessTokenRole: signing("AccessTokenRole"),
        SessionsRole: signing("SessionsRole"),
        HealthRole: [
          ...(GOLDEN["HealthRole"] ?? []),
          ["Allow", "kms:GetPublicKey", "ClientSigningKeyb"],
          ["Allow", "kms:GetPublicKey", "ClientSigningKeya"],
        ],
      }),
    );
  });

  test("with a revocation endpoint (RFC 7009) the functions that erase may open what they revoke", () => {
    const stage = stageWith({ revocationEndpoint: "https://passport.example/revoke" });
    const account = [...(GOLDEN["AccountRole"] ?? []), UNWRAP_DATA_KEYS, READ_SECRET];
    const sweep = [...(GOLDEN["SweepRole"] ?? []), UNWRAP_DATA_KEYS, READ_SECRET];
    expect(permissionsIn(synthesize(stage).api)).toEqual(
      sorted({ ...GOLDEN, AccountRole: account, SweepRole: sweep }),
    );
  });

  test("with tracing each function may also write traces, which have no resource", () => {
    const traced = Object.entries(GOLDEN).map(([role, permissions]) => [
      role,
      [
        ...permissions,
        ["Allow", "xray:PutTelemetryRecords", "*"] as const,
        ["Allow", "xray:PutTraceSegments", "*"] as const,
      ],
    ]);
    const { api } = synthesize({ ...STAGE, tracing: true });
    expect(permissionsIn(api)).toEqual(
      sorted(Object.fromEntries(traced) as Record<string, Permission[]>),
    );
  });
});
