/** One request to the API, exactly as it is written here, whose answer is held to the contract. */
import { holdToContract } from "@rollup-vault/api-contract/check/watch";
import { type Answer, type Call, exchange } from "@rollup-vault/local-aws/testing/http-exchange";

/** @throws Error where the answer, or a request that was taken, is not as the contract says */
export async function call(apiUrl: string, request: Call): Promise<Answer> {
  const { method, path, json, body } = request;
  const { status, headers, text, ...rest } = await exchange(apiUrl, request);
  const sent = json === undefined ? body?.toString("utf8") : JSON.stringify(json);
  holdToContract({ method, path, sent, status, headers, text });
  return { status, headers, text, ...rest };
}
