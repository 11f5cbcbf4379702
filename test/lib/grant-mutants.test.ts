/**
 * Each grant of the template is taken away, widened and added to, one at a time: the golden list
 * notices every one. And what the resources themselves say of who may use them is a list, too.
 */
import { Template } from "aws-cdk-lib/assertions";
import { UNWRAP_DATA_KEYS, withRecovery } from "./golden-permissions";
import { permissionsIn, sorted } from "./permissions-in";
import { resourcesOf, stageWith, synthesize } from "./synth";

interface Statement {
  Action: string | string[];
  Effect: string;
  Resource: unknown;
  Condition?: Record<string, unknown>;
}

type Json = Record<string, Record<string, { Type: string; Properties: Record<string, unknown> }>>;

const STAGE = stageWith({
  profile: "oidc",
  refreshTokenFormat: "jwt",
  refreshTokenRotation: "strict",
});
const { api, data } = synthesize(STAGE);
const GOLDEN = sorted(withRecovery(true));

/** The statements of one policy, or all places where a change is tried. */
const policiesOf = (template: Template) =>
  resourcesOf(template, "AWS::IAM::Policy").map(([id, { Properties }]) => ({
    id,
    statements: (Properties["PolicyDocument"] as { Statement: Statement[] }).Statement,
  }));

function changed(id: string, change: (statements: Statement[]) => void): Template {
  const json = structuredClone(api.toJSON()) as Json;
  const policy = json["Resources"]?.[id]?.Properties["PolicyDocument"] as {
    Statement: Statement[];
  };
  change(policy.Statement);
  return Template.fromJSON(json);
}

const isGolden = (template: Template) =>
  JSON.stringify(permissionsIn(template)) === JSON.stringify(GOLDEN);

type Mutant = readonly [name: string, template: Template];

/** @param make a change of the statement at this place */
function mutants(make: (statement: Statement, at: number) => (readonly [string, Change])[]) {
  return policiesOf(api).flatMap(({ id, statements }) =>
    statements.flatMap((statement, at) =>
      make(statement, at).map(([name, change]): Mutant => [
        `${id} ${String(at)} ${name}`,
        changed(id, change),
      ]),
    ),
  );
}
type Change = (statements: Statement[]) => void;

const at = (statements: Statement[], place: number) => {
  const statement = statements[place];
  if (statement === undefined) {
    throw new Error("no such statement");
  }
  return statement;
};

const removals = mutants(({ Action }, place) =>
  [Action].flat().map((action) => [
    `without ${action}`,
    (statements) => {
      const rest = [at(statements, place).Action].flat().filter((each) => each !== action);
      if (rest.length === 0) {
        statements.splice(place, 1);
      } else {
        at(statements, place).Action = rest;
      }
    },
  ]),
);
const additions = mutants((_, place) => [
  [
    "and another action",
    (statements) => {
      at(statements, place).Action = [at(statements, place).Action, "dynamodb:Scan"].flat();
    },
  ],
  [
    "on everything",
    (statements) => {
      at(statements, place).Resource = "*";
    },
  ],
  [
    "of the other effect",
    (statements) => {
      const { Effect } = at(statements, place);
      at(statements, place).Effect = Effect === "Allow" ? "Deny" : "Allow";
    },
  ],
]);
const loosened = mutants(({ Condition = {} }, place) =>
  Object.keys(Condition).map((operator) => [
    `without the condition ${operator}`,
    (statements) => {
      delete at(statements, place).Condition?.[operator];
    },
  ]),
);

test("S54: the template is the golden list", () => {
  expect(permissionsIn(api)).toEqual(GOLDEN);
});

test.each([
  ["taken away", removals, 100],
  ["widened or turned around", additions, 150],
  ["freed of a condition", loosened, 50],
] as const)("S54: no grant can be %s unnoticed", (_, all, least) => {
  expect(all.length).toBeGreaterThan(least);
  const survivors = all.filter(([, template]) => isGolden(template)).map(([name]) => name);
  expect(survivors).toEqual([]);
});

test("S54: every right to open is bound to the context of what it opens", () => {
  const opening = Object.values(GOLDEN)
    .flat()
    .filter(([, action]) => action === "kms:Decrypt");
  expect(opening.length).toBeGreaterThan(1);
  for (const permission of opening) {
    expect(permission).toEqual(UNWRAP_DATA_KEYS);
  }
});

/** `effect actions principal condition operators` of each statement. */
function policiesIn(template: Template, type: string, member: string): Record<string, string[]> {
  const found = resourcesOf(template, type).map(([id, { Properties }]) => {
    const { Statement: all } = Properties[member] as {
      Statement: (Statement & { Principal: unknown })[];
    };
    const lines = all.map(({ Effect, Action, Principal, Condition = {} }) =>
      [
        Effect,
        [Action].flat().join(","),
        JSON.stringify(Principal).includes(":root") ? "account" : JSON.stringify(Principal),
        Object.entries(Condition)
          .map(([operator, keys]) => `${operator}(${Object.keys(keys as object).join(",")})`)
          .join(" "),
      ]
        .join(" ")
        .trim(),
    );
    return [id.replace(/[0-9A-F]{8}$/, ""), lines] as const;
  });
  return Object.fromEntries(found);
}

const ANYONE = '{"AWS":"*"}';
const OTHERS = `${ANYONE} ArnNotLike(aws:PrincipalArn) Bool(aws:PrincipalIsAWSService)`;
const HASTY = `Deny kms:ScheduleKeyDeletion ${ANYONE} NumericLessThan(kms:ScheduleKeyDeletionPendingWindowInDays)`;
const BY_IAM = "Allow kms:* account";
const OVER_TLS = [`Deny sqs:* ${ANYONE} Bool(aws:SecureTransport)`];

test("S54: keys and queues say these things of who may use them, and no others", () => {
  const { data: keyed } = synthesize({ ...STAGE, secretKey: true });
  expect(policiesIn(keyed, "AWS::KMS::Key", "KeyPolicy")).toEqual({
    GrantKey: [
      BY_IAM,
      HASTY,
      `Deny kms:CreateGrant,kms:Decrypt,kms:GenerateDataKey*,kms:ReEncrypt* ${OTHERS}`,
    ],
    SecretKey: [
      BY_IAM,
      "Allow kms:Decrypt " +
        `${ANYONE} ArnLike(aws:PrincipalArn) StringEquals(kms:CallerAccount,kms:ViaService) ` +
        "StringLike(kms:EncryptionContext:SecretARN)",
      HASTY,
    ],
  });
  expect(policiesIn(data, "AWS::SQS::QueuePolicy", "PolicyDocument")).toEqual({
    RecoveryDeadLettersPolicy: OVER_TLS,
    RecoveryTasksPolicy: OVER_TLS,
    OrderedRecoveryTasksPolicy: OVER_TLS,
  });
});

test("a secret with a key of its own changes no function's rights: the key's policy has them", () => {
  const keyed = synthesize({ ...STAGE, secretKey: true });
  expect(permissionsIn(keyed.api)).toEqual(GOLDEN);
  const [[, secret] = []] = resourcesOf(keyed.data, "AWS::SecretsManager::Secret");
  expect(secret?.Properties["KmsKeyId"]).toEqual({
    "Fn::GetAtt": [expect.stringMatching(/^SecretKey/), "Arn"],
  });
});
