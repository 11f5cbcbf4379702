/**
 * An HTTP proxy that lets a request through and loses the answer, or the end of it: the sender
 * cannot know what became of it.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const JSON_ANSWER = { "content-type": "application/x-amz-json-1.0" };

export interface ForgetfulProxy {
  readonly endpoint: string;
  /**
   * @param meanwhile happens after the request was processed and before its sender notices anything
   */
  loseNextAnswer(meanwhile?: () => Promise<void>): void;
  /** The status line and half of the body come through, then the connection breaks. */
  cutNextAnswer(): void;
  lost(): number;
  close(): Promise<void>;
}

export async function startForgetfulProxy(target: string): Promise<ForgetfulProxy> {
  let losing: { readonly cut: boolean; readonly meanwhile?: () => Promise<void> } | undefined;
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
        const { cut, meanwhile } = losing;
        losing = undefined;
        lost += 1;
        await meanwhile?.();
        if (cut) {
          const half = body.subarray(0, Math.max(1, body.length / 2));
          response.writeHead(answer.status, { ...JSON_ANSWER, "content-length": body.length + 1 });
          await new Promise<unknown>((resolve) => response.write(half, resolve));
        }
        request.socket.destroy();
        return;
      }
      response.writeHead(answer.status, JSON_ANSWER).end(body);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    loseNextAnswer: (meanwhile) => {
      losing = { cut: false, ...(meanwhile && { meanwhile }) };
    },
    cutNextAnswer: () => {
      losing = { cut: true };
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
