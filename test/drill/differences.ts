/**
 * Where ministack 1.5.33 differs from AWS, as far as the drill meets it. Each has its reason, and
 * the drill looks whether it is still so: a difference that is gone fails it, and can go from here.
 */
import type { Missing } from "./assemblies";
import { makeRole, roleCredentials } from "./smoke";
import type { World } from "./world";

export interface Difference {
  readonly about: string;
  /** What the engine does, what AWS does, and what the drill does for it. */
  readonly reason: string;
  /** Whether it is still so. */
  holds(world: World): Promise<boolean>;
}

/** What CloudFormation of ministack has not. The drill deploys the stacks without it. */
export const MISSING: readonly Missing[] = [
  { type: "AWS::CloudWatch::CompositeAlarm" },
  { type: "AWS::Logs::QueryDefinition" },
  { type: "AWS::CloudWatch::Alarm", property: "Metrics" },
];

/** Before anything is deployed. */
export const OF_THE_ENGINE: readonly Difference[] = [
  {
    about: "composite alarms, saved queries",
    reason: "CloudFormation knows no such types: the drill deploys none",
    holds: async ({ engine }) => {
      const types = MISSING.filter(({ property }) => property === undefined).map(
        ({ type }) => type,
      );
      const resources = Object.fromEntries(
        types.map((Type, at) => [`Probe${String(at)}`, { Type, Properties: {} }]),
      );
      const refused = await engine.aws(...createStack("Types", resources)).catch(String);
      return JSON.stringify(refused).includes(`Unrecognized resource types: [${types.join(", ")}]`);
    },
  },
  {
    about: "alarms of metric math",
    reason: "CloudFormation rolls back at `Metrics`, which all alarms have: the drill deploys none",
    holds: async (world) => {
      const alarm = { Type: "AWS::CloudWatch::Alarm", Properties: { Metrics: [{}] } };
      const events = await eventsOf(world, "Alarms", { Probe: alarm });
      return events.includes("AWS::CloudWatch::Alarm Properties.Metrics (metric math)");
    },
  },
  {
    about: "Ref of a secret",
    reason: "it is the name; at AWS the ARN, as `Id` is here, too: the drill writes `Id` instead",
    holds: async (world) => {
      const secret = { Type: "AWS::SecretsManager::Secret", Properties: { Name: "probe" } };
      const parameter = {
        Type: "AWS::SSM::Parameter",
        Properties: { Name: "/probe", Type: "String", Value: { Ref: "Probe" } },
      };
      await eventsOf(world, "Secret", { Probe: secret, Reference: parameter });
      const { Parameter: found } = await world.engine.aws("ssm", "get-parameter", "--name=/probe");
      return (found as { readonly Value: string }).Value === "probe";
    },
  },
  {
    about: "roles",
    reason: "calls are not authorized by them: the local run's front door and its tests do that",
    holds: async (world) => {
      // A role without a policy.
      await makeRole(world);
      const credentials = await roleCredentials(world);
      const words = Object.entries(credentials).map((pair) => pair.join("="));
      const ran = await world.engine.shell(`${words.join(" ")} aws dynamodb list-tables`);
      return ran.code === 0;
    },
  },
];

/** Right after `cdk deploy`. */
export const OF_THE_DEPLOYMENT: readonly Difference[] = [
  {
    about: "the API's address",
    reason: "*.execute-api.127.0.0.1 is no address: the drill calls the path /_aws/execute-api",
    holds: async (world) => await Promise.resolve(!URL.canParse(world.outputs()["ApiUrl"] ?? "")),
  },
  {
    about: "an empty secret",
    reason: "DescribeSecret gives it a version AWSCURRENT: no doctor sees here that it is empty",
    holds: async (world) => {
      const findings = await world.doctor("--outputs", world.outputsFile);
      return findings.find(({ about }) => about === "client secret")?.["verdict"] === "good";
    },
  },
];

/** What `cdk import` of everything that `rollup-vault adopt` names says. */
export const NO_IMPORT = {
  about: "import of a secret",
  reason: "CloudFormation imports none: the drill makes it anew, and fills it again",
  observed: "Resource import is not supported by this emulator for AWS::SecretsManager::Secret",
};

interface SmokeDifference {
  /** A check of the smoke suite that fails for it. */
  readonly check: string;
  readonly reason: string;
  /** What the check says. */
  readonly observed: RegExp;
}

const CORS =
  "CloudFormation stores CorsConfiguration in the template's spelling (AllowOrigins), and the gateway " +
  "reads the API's (allowOrigins): no origin is allowed";

export const OF_THE_SMOKE_SUITE: readonly SmokeDifference[] = [
  {
    check: "CORS: a preflight of each allowed origin is allowed",
    reason: CORS,
    observed: /is 403, and not allowed$/,
  },
  {
    check: "CORS: each allowed origin may read an answer",
    reason: CORS,
    observed: /may not read the answer$/,
  },
];

function createStack(name: string, resources: object): readonly string[] {
  const body = JSON.stringify({ Resources: resources });
  const stack = `--stack-name=Probe${name}`;
  return ["cloudformation", "create-stack", stack, "--template-body", body];
}

/** @returns what is said of a stack of these resources, once it is made or rolled back */
async function eventsOf({ engine }: World, name: string, resources: object): Promise<string> {
  await engine.aws(...createStack(name, resources));
  const stack = `--stack-name=Probe${name}`;
  const isOver = /"StackStatus":"(CREATE|ROLLBACK)_COMPLETE"/;
  const status = async () =>
    JSON.stringify(await engine.aws("cloudformation", "describe-stacks", stack));
  while (!isOver.test(await status())) {
    // Each question takes the AWS CLI a second: no need to wait besides.
  }
  return JSON.stringify(await engine.aws("cloudformation", "describe-stack-events", stack));
}
