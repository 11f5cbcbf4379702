/**
 * What the local run serves, taken from the templates: nothing in here knows the application's own
 * names.
 */
import * as v from "valibot";
import type { PolicyStatement } from "../aws/iam";
import type { FunctionSpec } from "../runtime/function-spec";
import type { Assembly, Resource } from "./assembly";
import { type CorsConfiguration, readCors } from "./cors-configuration";
import { type EventSource, readEventSources } from "./event-sources";
import { expect } from "./expect";
import { readFunction } from "./functions";
import { createResolver, physicalName, type Resolver, resourceKey, type World } from "./resolver";
import { readStatements } from "./role-policies";
import { readSchedules, type Schedule } from "./schedules";
import { readThrottles, type Throttles } from "./throttles";

export interface Route {
  /** `GET /me`, or `$default`. */
  readonly key: string;
  /** {@link LocalFunction.id} */
  readonly functionId: string;
  readonly authorization: "NONE" | "AWS_IAM";
}

export interface LocalFunction extends FunctionSpec {
  /** `stack/logicalId` */
  readonly id: string;
  /** What its role allows, with concrete ARNs. */
  readonly statements: readonly PolicyStatement[];
}

export interface Application {
  readonly functions: readonly LocalFunction[];
  readonly routes: readonly Route[];
  readonly eventSources: readonly EventSource[];
  readonly schedules: readonly Schedule[];
  readonly cors: CorsConfiguration | undefined;
  readonly throttles: Throttles;
  /** Stack outputs by their name. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** Stateful resources: the local AWS makes them before anything else can be resolved. */
export interface StatefulResources {
  readonly tables: readonly { readonly name: string; readonly resource: Resource }[];
  readonly keys: readonly Resource[];
  readonly secrets: readonly { readonly name: string; readonly resource: Resource }[];
}

export function findStatefulResources(assembly: Assembly): StatefulResources {
  const ofType = (...types: readonly string[]) =>
    assembly.resources.filter(({ type }) => types.includes(type));
  return {
    tables: ofType("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable").map((resource) => ({
      name: physicalName(resource, "TableName"),
      resource,
    })),
    keys: ofType("AWS::KMS::Key"),
    secrets: ofType("AWS::SecretsManager::Secret").map((resource) => ({
      name: physicalName(resource, "Name"),
      resource,
    })),
  };
}

/** @throws Error where the template asks for something that the local run cannot do */
export function readApplication(assembly: Assembly, world: World): Application {
  const resolver = createResolver(assembly, world);
  const api = assembly.resources.find(({ type }) => type === "AWS::ApiGatewayV2::Api");
  return {
    functions: assembly.resources
      .filter((resource) => isHandler(assembly, resource))
      .map((resource) => ({
        ...readFunction(assembly, resource, resolver),
        id: resourceKey(resource),
        statements: readStatements(assembly, resource, resolver),
      })),
    routes: readRoutes(assembly, resolver),
    eventSources: readEventSources(assembly, resolver),
    schedules: readSchedules(assembly, resolver),
    cors: api && readCors(resolver.resolve(api.stack, api.properties["CorsConfiguration"])),
    throttles: readThrottles(assembly),
    outputs: Object.fromEntries(
      assembly.outputs
        .filter(({ exportName }) => exportName === undefined)
        .map(({ stack, name, value }) => [name, String(resolver.resolve(stack, value))]),
    ),
  };
}

const CALLERS = [
  "AWS::ApiGatewayV2::Integration",
  "AWS::Lambda::EventSourceMapping",
  "AWS::Events::Rule",
  "AWS::Scheduler::Schedule",
];

/**
 * Functions that CDK itself adds (custom resources) are not the application's: nothing of these
 * calls them.
 */
function isHandler(assembly: Assembly, { type, stack, logicalId }: Resource): boolean {
  const callers = assembly.resources.filter(
    (other) => CALLERS.includes(other.type) && other.stack === stack,
  );
  return (
    type === "AWS::Lambda::Function" &&
    callers.some(({ properties }) => JSON.stringify(properties).includes(`"${logicalId}"`))
  );
}

const RouteProperties = v.object({
  RouteKey: v.string(),
  AuthorizationType: v.optional(v.picklist(["NONE", "AWS_IAM"]), "NONE"),
  Target: v.pipe(v.string(), v.startsWith("integrations/")),
});

const IntegrationProperties = v.object({
  IntegrationType: v.literal("AWS_PROXY"),
  PayloadFormatVersion: v.literal("2.0"),
  IntegrationUri: v.string(),
});

function readRoutes(assembly: Assembly, resolver: Resolver): Route[] {
  const routes = assembly.resources.filter(({ type }) => type === "AWS::ApiGatewayV2::Route");
  return routes.map(({ stack, logicalId, properties }) => {
    const route = expect(RouteProperties, resolver.resolve(stack, properties), logicalId);
    const integrationId = route.Target.slice("integrations/".length);
    const integration = expect(
      IntegrationProperties,
      resolver.resolve(stack, find(assembly, { stack, logicalId: integrationId }).properties),
      integrationId,
    );
    const called = assembly.resources.find(
      (resource) =>
        resource.type === "AWS::Lambda::Function" &&
        integration.IntegrationUri.includes(`:function:${physicalName(resource, "FunctionName")}`),
    );
    if (called === undefined) {
      throw new Error(`route ${route.RouteKey} leads to no function of the template`);
    }
    const { RouteKey: key, AuthorizationType: authorization } = route;
    return { key, functionId: resourceKey(called), authorization };
  });
}

function find(assembly: Assembly, key: Pick<Resource, "stack" | "logicalId">): Resource {
  const found = assembly.resources.find((item) => resourceKey(item) === resourceKey(key));
  if (found === undefined) {
    throw new Error(`the template has no ${resourceKey(key)}`);
  }
  return found;
}
