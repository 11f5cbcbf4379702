/** What each function may do is the golden list, whatever the provider. */
import type { Template } from "aws-cdk-lib/assertions";
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
import { resourcesOf, stageWith, synthesize } from "./synth";

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

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
});

const orderOf = ([effect, action, resource, condition]: Permission) =>
  [action, resource, effect, JSON.stringify(condition)].join(" ");
const byAction = (a: Permission, b: Permission) => (orderOf(a) < orderOf(b) ? -1 : 1);

function sorted(list: Readonly<Record<string, readonly Permission[]>>) {
  return Object.fromEntries(
    Object.entries(list).map(([role, permissions]) => [role, [...permissions].sort(byAction)]),
  );
}

/** By role, in the order of actions; one entry per action. */
function permissionsIn(template: Template): Record<string, Permission[]> {
  const found: Record<string, Permission[]> = {};
  for (const [, { Properties }] of resourcesOf(template, "AWS::IAM::Policy")) {
    const { Roles, PolicyDocument } = Properties as {
      Roles: { Ref: string }[];
      PolicyDocument: { Statement: Statement[] };
    };
    for (const { Ref } of Roles) {
      const role = plain(Ref);
      found[role] = [...(found[role] ?? []), ...PolicyDocument.Statement.flatMap(toPermissions)];
    }
  }
  return sorted(found);
}

/** Whatever else a statement has (NotAction, say) ends up in the comparison and fails it. */
function toPermissions({ Effect, Action, Resource, Condition, ...rest }: Statement): Permission[] {
  const others = Object.keys(rest).length === 0 ? [] : [JSON.stringify(rest)];
  const resources = [...[Resource].flat().map(nameOf), ...others];
  return [Action].flat().flatMap((action) =>
    resources.map((resource): Permission => {
      const permission = [Effect, action, resource] as const;
      return Condition === undefined ? permission : [...permission, Condition];
    }),
  );
}

/** A resource by its construct's name; anything that is not one whole ARN as it is. */
function nameOf(resource: unknown): string {
  const text = JSON.stringify(resource);
  const imported =
    /^\{"Fn::GetStackOutput":\{"StackName":"Data","Region":\{"Ref":"AWS::Region"\},"OutputName":"PublishOutput(?:FnGetAtt|Ref)(\w+?)(?:[0-9A-F]{8})?(?:Arn)?[0-9A-F]{8}"\}\}$/;
  const logGroup = /^\{"Fn::GetAtt":\["(\w+)Logs[0-9A-F]{8}","Arn"\]\}$/;
  const index = /^\{"Fn::Join":\["",\[(\{.*\}),"(\/index\/\w+)"\]\]\}$/.exec(text);
  if (index?.[1] !== undefined) {
    return nameOf(JSON.parse(index[1])) + String(index[2]);
  }
  const log = logGroup.exec(text)?.[1];
  return imported.exec(text)?.[1] ?? (log && `log group of ${log}`) ?? String(resource);
}

function plain(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, "");
}
