/** Saved queries of CloudWatch Logs Insights. The lines name no user (LogFields). */
import { type ILogGroup, QueryDefinition, QueryString } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

export interface Queried {
  /** Of all functions. */
  readonly logGroups: readonly ILogGroup[];
  readonly accessLog: ILogGroup;
}

const FIELDS = ["at", "route", "status", "outcome", "reason", "cause", "setting", "durationMs"];

export function addQueries(
  scope: Construct,
  prefix: string,
  { logGroups, accessLog }: Queried,
): void {
  const queries = {
    /** `requestId` is the `instance` that the caller has. */
    "One request": new QueryString({
      fields: [...FIELDS, "requestId", "event"],
      filterStatements: ["requestId = 'PUT THE INSTANCE OF THE ANSWER HERE'"],
      sort: "at asc",
    }),
    /** No line says who the user is, so the access log finds the caller by address. */
    "One caller": new QueryString({
      fields: ["at", "requestId", "route", "status", "latencyMs"],
      filterStatements: ["sourceIp = 'PUT THE ADDRESS OF THE CALLER HERE'"],
      sort: "@timestamp asc",
    }),
    "Refusals by reason": new QueryString({
      filterStatements: ["event = 'request'", "ispresent(reason)"],
      statsStatements: ["count(*) as requests by reason, route"],
      sort: "requests desc",
      limit: 50,
    }),
    "What went wrong": new QueryString({
      fields: [...FIELDS, "event", "requestId"],
      filterStatements: ["level = 'error'"],
      sort: "@timestamp desc",
      limit: 100,
    }),
  };
  for (const [name, queryString] of Object.entries(queries)) {
    new QueryDefinition(scope, name.replaceAll(" ", ""), {
      queryDefinitionName: `${prefix}/${name}`,
      queryString,
      logGroups: name === "One caller" ? [accessLog] : [...logGroups],
    });
  }
}
