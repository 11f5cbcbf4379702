/** The table "Which function may do what" of docs/architecture.md is what the templates say. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Template } from "aws-cdk-lib/assertions";
import type { Stage } from "../../lib/stage";
import { resourcesOf, STAGE, synthesize } from "./synth";

const oidc = { profile: "oidc", refreshTokenFormat: "jwt", refreshTokenRotation: "none" } as const;
/** What a stage has besides Rollup ID's defaults, by the word of the table. */
const VARIANTS: Readonly<Record<string, Partial<Stage["idp"]>>> = {
  yes: {},
  opaque: { ...oidc, refreshTokenFormat: "opaque" },
  rotating: { ...oidc, refreshTokenRotation: "strict" },
  lapsing: { ...oidc, refreshTokenIdleSeconds: 86_400 },
  revoking: { revocationEndpoint: "https://passport.example/revoke" },
};

/** Columns of the table: an action, and what its resource's name begins with. */
const RIGHTS = [
  ["seals", "kms:GenerateDataKey", "GrantKey"],
  ["opens", "kms:Decrypt", "GrantKey"],
  ["client secret", "secretsmanager:GetSecretValue", "ClientSecret"],
  ["sends tasks", "sqs:SendMessage", "RecoveryTasks"],
  ["sends in order", "sqs:SendMessage", "OrderedRecoveryTasks"],
  ["takes tasks", "sqs:ReceiveMessage", ""],
  ["writes users", "dynamodb:UpdateItem", "Users"],
  ["opens sessions", "dynamodb:PutItem", "Sessions"],
  ["writes grants", "dynamodb:UpdateItem", "RefreshTokens"],
] as const;

interface Policy {
  readonly Roles: readonly { readonly Ref: string }[];
  readonly PolicyDocument: {
    readonly Statement: readonly {
      readonly Effect: string;
      readonly Action: string | readonly string[];
      readonly Resource: unknown;
    }[];
  };
}

const functionName = (role: string) =>
  role
    .replace(/Role[0-9A-F]{8}$/, "")
    .replace(/(?<=[a-z])(?=[A-Z])/g, "-")
    .toLowerCase();

/** `function right` for each statement that allows it. */
function allowedIn(template: Template): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [, { Properties }] of resourcesOf(template, "AWS::IAM::Policy")) {
    const { Roles, PolicyDocument } = Properties as unknown as Policy;
    for (const { Effect, Action, Resource } of PolicyDocument.Statement) {
      const arns = JSON.stringify(Resource);
      const granted = RIGHTS.filter(
        ([, action, resource]) =>
          Effect === "Allow" && [Action].flat().includes(action) && isOf(arns, resource),
      );
      for (const [right] of granted) {
        Roles.forEach(({ Ref }) => found.add(`${functionName(Ref)} ${right}`));
      }
    }
  }
  return found;
}

/** Resources of the data stack come as exports, named after their logical ids. */
function isOf(arns: string, resource: string): boolean {
  return arns.includes(`OutputFnGetAtt${resource}`) || arns.includes(`OutputRef${resource}`);
}

const templates = Object.entries(VARIANTS).map(
  ([word, idp]) => [word, synthesize({ ...STAGE, idp: { ...STAGE.idp, ...idp } }).api] as const,
);
const allowed = templates.map(([word, template]) => [word, allowedIn(template)] as const);

function cell(name: string, right: string): string {
  const words = allowed
    .filter(([, rights]) => rights.has(`${name} ${right}`))
    .map(([word]) => word);
  return words.includes("yes") ? "yes" : words.join(", ") || "–";
}

/** Functions that may do this with the stage's provider. */
function functionsThatMay(action: string, idp: Partial<Stage["idp"]>): readonly string[] {
  const { api } = synthesize({ ...STAGE, idp: { ...STAGE.idp, ...idp } });
  return resourcesOf(api, "AWS::IAM::Policy")
    .filter(([, { Properties }]) => JSON.stringify(Properties).includes(`"${action}"`))
    .flatMap(([, { Properties }]) => (Properties as unknown as Policy).Roles)
    .map(({ Ref }) => functionName(Ref))
    .sort();
}

describe.each([
  ["of JWTs", oidc],
  ["of opaque tokens that rotate", { profile: "oidc" }],
  [
    "with a revocation endpoint",
    { ...oidc, revocationEndpoint: "https://op.example/revoke", refreshTokenFormat: "opaque" },
  ],
] as const)("S60: with a provider %s", (_, idp) => {
  const readers = functionsThatMay("secretsmanager:GetSecretValue", idp);

  test.each([
    { clientAuthentication: "private_key_jwt" },
    {
      clientAuthentication: "signed_client_secret",
      clientSigning: { teamId: "TEAM123456", keys: ["KEY1234567"] },
    },
  ] as const)("those that would read a secret sign instead, and no others (%#)", (changes) => {
    expect(readers).toEqual(expect.arrayContaining(["access-token", "sessions"]));
    expect(functionsThatMay("kms:Sign", { ...idp, ...changes })).toEqual(readers);
    expect(functionsThatMay("secretsmanager:GetSecretValue", { ...idp, ...changes })).toEqual([]);
  });

  test("of a public client none does either", () => {
    const changes = { ...idp, clientAuthentication: "none" } as const;
    expect(functionsThatMay("kms:Sign", changes)).toEqual([]);
    expect(functionsThatMay("secretsmanager:GetSecretValue", changes)).toEqual([]);
  });
});

const FUNCTIONS = [
  "users",
  "account",
  "refresh-token",
  "access-token",
  "sessions",
  "sweep",
  "recovery",
  "health",
];
const table = FUNCTIONS.map((name) => [
  `\`${name}\``,
  ...RIGHTS.map(([right]) => cell(name, right)),
]);

const section = readFileSync(join(__dirname, "../../docs/architecture.md"), "utf8")
  .split(/^### Which function may do what$/m)[1]
  ?.split(/^#/m)[0];
const written = (section ?? "")
  .split("\n")
  .filter((line) => line.startsWith("|"))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((text) => text.trim()),
  );

test("the table has these columns, and a row for each function", () => {
  expect(written[0]).toEqual(["function", ...RIGHTS.map(([right]) => right)]);
  expect(written.slice(2).map(([name]) => name)).toEqual(table.map(([name]) => name));
});

test.each(table)("S40 S42 S54: %s has these rights and no others", (...row) => {
  expect(written.find(([name]) => name === row[0])).toEqual(row);
});

test("every function that a stage may have is in the table", () => {
  const roles = templates.flatMap(([, template]) => resourcesOf(template, "AWS::IAM::Role"));
  const names = new Set(roles.map(([id]) => functionName(id)));
  expect([...names].sort()).toEqual([...FUNCTIONS].sort());
});
