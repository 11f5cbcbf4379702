/**
 * dynalite without a socket: the real SDK writes requests, the real engine answers them, and a million of them take minutes. As unkind as the
 * engine is, since it is the engine.
 */
import { EventEmitter } from "node:events";
import {
  CreateTableCommand,
  DynamoDBClient,
  type CreateTableCommandInput,
} from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import dynalite from "dynalite";
import { TRANSLATION } from "../../lambda/store/dynamodb";

interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

interface Response {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

function bytesOf(body: string | Uint8Array = ""): Buffer {
  return typeof body === "string"
    ? Buffer.from(body)
    : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

/** Answers as a server would, in the same process. */
async function answer(server: EventEmitter, request: Request): Promise<Response> {
  const { method, path: url, headers, body } = request;
  const incoming = Object.assign(new EventEmitter(), { method, url, headers });
  return await new Promise<Response>((resolve) => {
    const outgoing = {
      statusCode: 200,
      sent: {} as Record<string, string>,
      setHeader(name: string, value: unknown) {
        this.sent[name.toLowerCase()] = String(value);
      },
      end(text: string) {
        const { statusCode, sent } = this;
        resolve({ statusCode, headers: sent, body: Buffer.from(text) });
      },
    };
    server.emit("request", incoming, outgoing);
    incoming.emit("data", bytesOf(body));
    incoming.emit("end");
  });
}

export function createInProcessDynamoDb() {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const client = new DynamoDBClient({
    region: "us-east-1",
    credentials: { accessKeyId: "TESTACCESSKEY0000001", secretAccessKey: "made up" },
    maxAttempts: 1,
    requestHandler: {
      handle: async (request: unknown) => ({
        response: await answer(server, request as Request),
      }),
    },
  });
  return {
    documents: DynamoDBDocumentClient.from(client, TRANSLATION),
    createTable: async (TableName: string, HashKey: string, index?: string): Promise<string> => {
      const names = index === undefined ? [HashKey] : [HashKey, index];
      const input: CreateTableCommandInput = {
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: HashKey, KeyType: "HASH" }],
        AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
        ...(index !== undefined && {
          GlobalSecondaryIndexes: [
            {
              IndexName: "bySub",
              KeySchema: [{ AttributeName: index, KeyType: "HASH" as const }],
              Projection: { ProjectionType: "ALL" as const },
            },
          ],
        }),
      };
      await client.send(new CreateTableCommand(input));
      // The engine makes a table active in the next turn of the loop.
      await new Promise((resolve) => setTimeout(resolve, 5));
      return TableName;
    },
  };
}
