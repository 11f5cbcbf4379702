/**
 * Gives every resource of the assembly a local identity and resolves values of the template with
 * it.
 */
import { LOCAL_ACCOUNT, LOCAL_REGION } from "../aws/call";
import type { Assembly, Resource } from "./assembly";
import { resolve, type Scope } from "./intrinsics";

/** What `Ref` and `Fn::GetAtt` answer for one resource. */
export interface Identity {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface World {
  /** Identities that only the local AWS can give (keys, secrets), by {@link resourceKey}. */
  readonly identities: ReadonlyMap<string, Identity>;
  readonly apiUrl: string;
}

export interface Resolver {
  /** @throws Error naming the resource or the function that is unknown here */
  resolve(stack: string, value: unknown): unknown;
}

export function resourceKey(resource: Pick<Resource, "stack" | "logicalId">): string {
  return `${resource.stack}/${resource.logicalId}`;
}

/**
 * The name that the template gives, or one made like CloudFormation's, but the same in every run.
 */
export function physicalName(resource: Resource, property: string): string {
  const name = resource.properties[property];
  return typeof name === "string" ? name : `${resource.stack}-${resource.logicalId}`;
}

/** Without a name of its own a FIFO queue gets one that ends as SQS wants it. */
export function queueName(resource: Resource): string {
  const { QueueName: given, FifoQueue: fifo } = resource.properties;
  const name = physicalName(resource, "QueueName");
  return typeof given !== "string" && fifo === true ? `${name}.fifo` : name;
}

export function createResolver(assembly: Assembly, world: World): Resolver {
  const resources = new Map(assembly.resources.map((item) => [resourceKey(item), item]));
  const scope = (stack: string): Scope => {
    const identify = (logicalId: string): Identity => {
      const resource = resources.get(resourceKey({ stack, logicalId }));
      if (resource === undefined) {
        throw new Error(`${stack} has no resource ${logicalId}`);
      }
      return identityOf(resource, world);
    };
    return {
      ref: (name) => pseudoParameter(name, stack) ?? identify(name).ref,
      getAtt: (logicalId, attribute) => {
        const value = identify(logicalId).attributes[attribute];
        if (value === undefined) {
          throw new Error(`the local run does not know ${attribute} of ${stack}/${logicalId}`);
        }
        return value;
      },
      importValue: (name) => importValue(name),
      stackOutput: (producer, name) => stackOutput(producer, name),
    };
  };
  const importValue = (name: string): unknown => {
    const output = assembly.outputs.find(
      ({ stack, exportName }) =>
        exportName !== undefined && resolve(exportName, scope(stack)) === name,
    );
    if (output === undefined) {
      throw new Error(`no stack exports ${name}`);
    }
    return resolve(output.value, scope(output.stack));
  };
  const stackOutput = (stack: string, name: string): unknown => {
    const output = assembly.outputs.find((item) => item.stack === stack && item.name === name);
    if (output === undefined) {
      throw new Error(`${stack} has no output ${name}`);
    }
    return resolve(output.value, scope(stack));
  };
  return { resolve: (stack, value) => resolve(value, scope(stack)) };
}

function pseudoParameter(name: string, stack: string): string | undefined {
  const values: Readonly<Record<string, string>> = {
    "AWS::Region": LOCAL_REGION,
    "AWS::AccountId": LOCAL_ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": stack,
  };
  return values[name];
}

/** @param url of the queue once it has been made; the settings of others need its ARN before */
export function queueIdentity(name: string, url?: string): Identity {
  const attributes = { Arn: arn("sqs", name), QueueName: name };
  return url === undefined
    ? { ref: name, attributes }
    : { ref: url, attributes: { ...attributes, QueueUrl: url } };
}

type Identify = (resource: Resource, world: World) => Identity;

function arn(service: string, path: string): string {
  const region = service === "iam" ? "" : LOCAL_REGION;
  return `arn:aws:${service}:${region}:${LOCAL_ACCOUNT}:${path}`;
}

function named(property: string, service: string, prefix: string): Identify {
  return (resource) => {
    const name = physicalName(resource, property);
    return { ref: name, attributes: { Arn: arn(service, `${prefix}${name}`) } };
  };
}

const IDENTITIES: Readonly<Record<string, Identify>> = {
  "AWS::DynamoDB::Table": named("TableName", "dynamodb", "table/"),
  "AWS::DynamoDB::GlobalTable": named("TableName", "dynamodb", "table/"),
  "AWS::Lambda::Function": named("FunctionName", "lambda", "function:"),
  "AWS::IAM::Role": named("RoleName", "iam", "role/"),
  "AWS::Events::Rule": named("Name", "events", "rule/"),
  "AWS::SQS::Queue": (resource) => queueIdentity(queueName(resource)),
  "AWS::Logs::LogGroup": (resource, world) => {
    const { ref, attributes } = named("LogGroupName", "logs", "log-group:")(resource, world);
    return { ref, attributes: { Arn: `${attributes["Arn"] ?? ""}:*` } };
  },
  "AWS::ApiGatewayV2::Api": (_, world) => ({
    ref: "local",
    attributes: { ApiEndpoint: world.apiUrl, ApiId: "local" },
  }),
  "AWS::ApiGatewayV2::Integration": ({ logicalId }) => ({ ref: logicalId, attributes: {} }),
};

function identityOf(resource: Resource, world: World): Identity {
  const given = world.identities.get(resourceKey(resource));
  if (given !== undefined) {
    return given;
  }
  const identify = IDENTITIES[resource.type];
  if (identify === undefined) {
    throw new Error(`the local run has no identity for ${resource.type} ${resourceKey(resource)}`);
  }
  return identify(resource, world);
}
