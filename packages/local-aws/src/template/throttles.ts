/** How often the template lets an API and its routes be called. */
import * as v from "valibot";
import type { Assembly } from "./assembly";
import { expect } from "./expect";

export interface Throttle {
  /** Requests per second. */
  readonly rate: number;
  readonly burst: number;
}

export interface Throttles {
  /** Of all routes that have none of their own; undefined: they are not throttled. */
  readonly others: Throttle | undefined;
  /** By route key. */
  readonly routes: ReadonlyMap<string, Throttle>;
}

const Settings = v.object({ ThrottlingRateLimit: v.number(), ThrottlingBurstLimit: v.number() });

const StageProperties = v.object({
  DefaultRouteSettings: v.optional(Settings),
  RouteSettings: v.optional(v.record(v.string(), Settings), {}),
});

export function readThrottles({ resources }: Assembly): Throttles {
  const stage = resources.find(({ type }) => type === "AWS::ApiGatewayV2::Stage");
  if (stage === undefined) {
    return { others: undefined, routes: new Map() };
  }
  const properties = expect(StageProperties, stage.properties, stage.logicalId);
  const { DefaultRouteSettings: others, RouteSettings: routes } = properties;
  return {
    others: others && toThrottle(others),
    routes: new Map(Object.entries(routes).map(([key, one]) => [key, toThrottle(one)])),
  };
}

function toThrottle(settings: v.InferOutput<typeof Settings>): Throttle {
  return { rate: settings.ThrottlingRateLimit, burst: settings.ThrottlingBurstLimit };
}
