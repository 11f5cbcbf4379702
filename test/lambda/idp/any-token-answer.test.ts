import fc from "fast-check";
import { accessToken, OIDC_SETTINGS, outcome, ROLLUP_SETTINGS } from "./answers";

describe("whatever comes", () => {
  const REFUSALS: Readonly<Record<string, readonly string[]>> = {
    rollup: [
      "400 BAD_REQUEST mismatch client id",
      "400 BAD_REQUEST missing subject",
      "401 UNAUTHORIZED token verification failed",
      "401 UNAUTHORIZED invalid token",
      "401 UNAUTHORIZED expired token",
      "401 UNAUTHORIZED token claim validation failed",
      "401 UNAUTHORIZED Authorized data error. Re-authorization by user required",
    ],
    oidc: [
      "200 invalid_grant",
      "400 invalid_grant",
      "401 invalid_grant",
      "403 invalid_grant",
      "200 login_required",
      "400 login_required",
    ],
  };
  const words = REFUSALS["rollup"]!.map((said) => said.split(" ").slice(2).join(" "));
  const nearlyRight = fc.record(
    {
      code: fc.constantFrom("BAD_REQUEST", "UNAUTHORIZED", "FORBIDDEN"),
      message: fc.constantFrom(...words, "invalid client credentials", "data error"),
      name: fc.constantFrom("RollupError", "Error"),
      error: fc.constantFrom("invalid_grant", "login_required", "invalid_client", "server_error"),
      access_token: fc.oneof(fc.constant(accessToken), fc.jsonValue()),
      refresh_token: fc.oneof(fc.string(), fc.jsonValue()),
      id_token: fc.oneof(fc.constant("e30.e30.e30"), fc.jsonValue()),
      token_type: fc.oneof(fc.constant("bearer"), fc.jsonValue()),
      expires_in: fc.oneof(fc.double(), fc.string(), fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  const bodies = fc.oneof(
    { weight: 4, arbitrary: nearlyRight.map((body) => JSON.stringify(body)) },
    fc.json(),
    fc.string(),
  );
  const statuses = fc.oneof(
    fc.constantFrom(200, 400, 401, 403, 429, 500),
    fc.integer({ min: 100, max: 599 }),
  );
  const headerSets = fc.dictionary(
    fc.constantFrom("retry-after", "www-authenticate", "content-type", "location"),
    fc.oneof(fc.string(), fc.integer().map(String), fc.constant("Mon, 01 Jun 2026 12:00:30 GMT")),
  );

  /** What the answer says, in the words of the list; written apart from the code that it judges. */
  function said(profile: string, status: number, text: string): string | undefined {
    let body: Partial<Record<string, unknown>> | null;
    try {
      body = JSON.parse(text) as typeof body;
    } catch {
      return undefined;
    }
    const texts = [body?.["access_token"], body?.["refresh_token"]];
    if (status === 200 && texts.some((text) => typeof text === "string" && text !== "")) {
      return undefined;
    }
    if (profile === "oidc") {
      return `${String(status)} ${String(body?.["error"])}`;
    }
    return body?.["name"] === "RollupError"
      ? `${String(status)} ${String(body["code"])} ${String(body["message"])}`
      : undefined;
  }

  test.each([ROLLUP_SETTINGS, OIDC_SETTINGS])(
    "S48: nothing throws, only what is listed is a refusal, and no time breaks ($profile)",
    (settings) => {
      const kinds = new Set<string>();
      fc.assert(
        fc.property(statuses, bodies, headerSets, (status, text, headers) => {
          const answer = outcome(status, text, { settings, headers });
          kinds.add(answer.kind);
          const isListed = REFUSALS[settings.profile]!.includes(
            said(settings.profile, status, text) ?? "",
          );
          expect(answer.kind === "refused").toBe(isListed);
          if (answer.kind === "tokens") {
            const { expiresAt } = answer.accessToken;
            expect(Number.isInteger(expiresAt)).toBe(true);
            expect(new Date(expiresAt).toISOString()).toMatch(/^\d{4}-/);
          }
          if (answer.kind === "failed" && answer.retryAfterSeconds !== undefined) {
            expect(answer.retryAfterSeconds).toBeGreaterThanOrEqual(0);
            expect(answer.retryAfterSeconds).toBeLessThanOrEqual(3_600);
          }
        }),
        { numRuns: 3_000, seed: 20_260_601 },
      );
      // The property is about something: every kind of outcome was among them.
      expect(kinds).toEqual(new Set(["tokens", "refused", "client_rejected", "failed"]));
    },
  );

  test("S29: claims of any shape in the tokens of an answer never throw either", () => {
    const jwt = fc
      .oneof(fc.jsonValue(), fc.record({ iss: fc.jsonValue(), aud: fc.jsonValue() }))
      .map((claims) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.sig`);
    fc.assert(
      fc.property(jwt, jwt, (access_token, id_token) => {
        expect(outcome(200, { access_token, id_token }).kind).toBe("tokens");
      }),
      { numRuns: 500, seed: 20_260_601 },
    );
  });
});
