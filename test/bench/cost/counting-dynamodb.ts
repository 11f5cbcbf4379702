/** A DynamoDB engine that counts the capacity units that its callers consume. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Engine, startEngine } from "@rollup-vault/local-aws/aws/engines";

interface Taken {
  /** Capacity units. */
  readonly reads: number;
  readonly writes: number;
  readonly calls: number;
  /** Of the bodies of requests and answers. */
  readonly bytes: number;
}

export interface CountingDynamoDb extends Engine {
  /** Past all counting. */
  readonly direct: string;
  /** What callers took since the last time. */
  take(): Taken;
}

interface Consumed {
  readonly CapacityUnits: number;
}

const READS = new Set(["GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems"]);
const WRITES = new Set(["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"]);

export async function startCountingDynamoDb(): Promise<CountingDynamoDb> {
  const engine = await startEngine("dynoxide", undefined);
  let reads = 0;
  let writes = 0;
  let calls = 0;
  let bytes = 0;

  /** Asks the engine for the units of each call that has any, and counts them. */
  const forward = async (target: string, body: Buffer): Promise<Response> => {
    const action = target.split(".").at(-1) ?? "";
    const counted = READS.has(action) || WRITES.has(action);
    const input = JSON.parse(body.toString("utf8")) as Record<string, unknown>;
    const asked = counted ? { ...input, ReturnConsumedCapacity: "TOTAL" } : input;
    const answer = await fetch(engine.endpoint, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": target,
        authorization: ENGINE_AUTHORIZATION,
        "x-amz-date": "20260101T000000Z",
      },
      body: JSON.stringify(asked),
    });
    if (counted) {
      calls += 1;
      bytes += body.length + Number(answer.headers.get("content-length") ?? 0);
    }
    if (counted && answer.ok) {
      const { ConsumedCapacity: consumed } = (await answer.clone().json()) as {
        readonly ConsumedCapacity?: Consumed | readonly Consumed[];
      };
      if (consumed === undefined) {
        throw new Error(`the engine does not say what ${action} consumes`);
      }
      const units = [consumed].flat().reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
      if (READS.has(action)) {
        reads += units;
      } else {
        writes += units;
      }
    }
    return answer;
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request
      .on("data", (chunk: Buffer) => chunks.push(chunk))
      .on("end", () => {
        forward(String(request.headers["x-amz-target"]), Buffer.concat(chunks)).then(
          async (answer) => {
            response.writeHead(answer.status, { "content-type": "application/x-amz-json-1.0" });
            response.end(Buffer.from(await answer.arrayBuffer()));
          },
          (error: unknown) => {
            response.writeHead(500).end(String(error));
          },
        );
      });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    direct: engine.endpoint,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take: () => {
      const taken = { reads, writes, calls, bytes };
      reads = 0;
      writes = 0;
      calls = 0;
      bytes = 0;
      return taken;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await engine.close();
    },
  };
}

/** The engine asks for the header's form only. */
const ENGINE_AUTHORIZATION =
  "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, " +
  "SignedHeaders=host, Signature=none";
