import type { HttpClient, HttpRequest } from "../../../lambda/ports/http-client";
import { discover } from "../../../lib/provider/discovery";

const ISSUER = "https://op.example.com";
const DOCUMENT = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  jwks_uri: `${ISSUER}/jwks`,
};

test("a provider that makes its keys when they are asked for has 15 seconds for it", async () => {
  const asked: HttpRequest[] = [];
  const http: HttpClient = {
    send: async (request) => {
      asked.push(request);
      const body = request.url === DOCUMENT.jwks_uri ? { keys: [] } : DOCUMENT;
      return await Promise.resolve({
        status: 200,
        headers: {},
        body: Buffer.from(JSON.stringify(body)),
      });
    },
  };
  await discover(ISSUER, { http });
  expect(asked.map(({ url, timeoutMs }) => [url, timeoutMs])).toEqual([
    [`${ISSUER}/.well-known/openid-configuration`, 15_000],
    [DOCUMENT.jwks_uri, 15_000],
  ]);
});
