/** An HTTP proxy that lets a request through and loses the answer: the sender cannot know what became of it. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface ForgetfulProxy {
  readonly endpoint: string;
  /** @param meanwhile happens after the request was processed and before its sender notices anything */
  loseNextAnswer(meanwhile?: () => Promise<void>): void;
  lost(): number;
  close(): Promise<void>;
}

export async function startForgetfulProxy(target: string): Promise<ForgetfulProxy> {
  let losing: { readonly meanwhile?: (() => Promise<void>) | undefined } | undefined;
  let lost = 0;
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) {
        chunks.push(chunk);
      }
      const headers = Object.entries(request.headers).filter(
        (entry): entry is [string, string] =>
          typeof entry[1] === "string" && !["content-length", "connection"].includes(entry[0]),
      );
      const answer = await fetch(target + (request.url ?? "/"), {
        method: "POST",
        headers,
        body: new Uint8Array(Buffer.concat(chunks)),
      });
      const body = Buffer.from(await answer.arrayBuffer());
      if (losing !== undefined) {
        const { meanwhile } = losing;
        losing = undefined;
        lost += 1;
        await meanwhile?.();
        request.socket.destroy();
        return;
      }
      response.writeHead(answer.status, { "content-type": "application/x-amz-json-1.0" }).end(body);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    loseNextAnswer: (meanwhile) => {
      losing = { meanwhile };
    },
    lost: () => lost,
    close: async () => {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}
