/**
 * Calls to the local DynamoDB as the functions' own roles, whatever code these run: what a hole in
 * one of them could send.
 */
import type { AwsCall, Input } from "@rollup-vault/local-aws/aws/call";
import type { World } from "./world";

export interface RoleCalls {
  /** Short names of all functions. */
  readonly roles: readonly string[];
  /** By the access key id; undefined for the operator. */
  roleOf(call: Pick<AwsCall, "accessKeyId">): string | undefined;
  /**
   * @returns the error's name, `AccessDeniedException` where the role may not; "done" where it was
   *   carried out
   */
  send(role: string, action: string, input: Input): Promise<string>;
  /** The parsed answer of a call that must be carried out. */
  read(role: string, action: string, input: Input): Promise<Input>;
}

export function createRoleCalls({ stack }: World): RoleCalls {
  const { identities } = stack.functions;
  const keys = new Map([...identities].map(([id, { roleName }]) => [roleName, id]));

  async function call(role: string, action: string, input: Input) {
    const credential = `${keys.get(role) ?? ""}/20261129/us-east-1/dynamodb/aws4_request`;
    const response = await fetch(stack.outputs.endpoints.dynamodb, {
      method: "POST",
      headers: {
        // The local AWS tells principals apart by the access key id.
        authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=${"0".repeat(64)}`,
        "x-amz-date": "20261129T000000Z",
        "x-amz-target": `DynamoDB_20120810.${action}`,
        "content-type": "application/x-amz-json-1.0",
      },
      body: JSON.stringify(input),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  return {
    roles: [...keys.keys()].sort(),
    roleOf: ({ accessKeyId }) => identities.get(accessKeyId)?.roleName,
    send: async (role, action, input) => {
      const { status, body } = await call(role, action, input);
      return status === 200 ? "done" : String(body["__type"]).replace(/^.*#/, "");
    },
    read: async (role, action, input) => {
      const { status, body } = await call(role, action, input);
      expect([status, body]).toEqual([200, expect.anything()]);
      return body;
    },
  };
}
