import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { sdkDefaults } from "../../../lambda/platform/sdk";
import { createGrantStore } from "../../../lambda/store/grant-store";
import { ALICE } from "../../support/tokens";

let server: Server;

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(200, { "content-type": "application/x-amz-json-1.0" });
      response.write('{"Item":{"sub":');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterAll(async () => {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
});

test("a service that falls silent in the middle of its answer is given up in time", async () => {
  const client = new DynamoDBClient({
    ...sdkDefaults(),
    maxAttempts: 1,
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    region: "us-east-1",
    credentials: { accessKeyId: "TESTACCESSKEY0000001", secretAccessKey: "made up" },
  });
  const store = createGrantStore({ table: "Grants", client: DynamoDBDocumentClient.from(client) });
  await expect(store.read(ALICE)).rejects.toMatchObject({ reason: "store_unavailable" });
  client.destroy();
}, 4_000);
