import type { Call } from "@rollup-vault/local-aws/testing/http-exchange";
import { AwsClient } from "aws4fetch";
import type { World } from "./world";

/** The headers of a request, signed with the run's credentials: those of a listed role. */
export async function signed(
  { stack }: World,
  { method, path, body }: Call,
  headers: readonly string[] = ["content-type", "application/json"],
): Promise<readonly string[]> {
  const { apiUrl, credentials, region } = stack.outputs;
  const client = new AwsClient({ ...credentials, region, service: "execute-api" });
  const pairs = Object.fromEntries(
    headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1] ?? ""]] : [])),
  );
  const init = { method, headers: pairs, ...(body !== undefined && { body }) };
  return [...(await client.sign(`${apiUrl}${path}`, init)).headers].flat();
}
