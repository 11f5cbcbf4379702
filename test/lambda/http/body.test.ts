import * as v from "valibot";
import { readBody } from "../../../lambda/http/body";
import { readEvent } from "../../../lambda/http/event";
import { emptyBody } from "../../../lambda/http/user-dto";
import { type EventOptions, httpEvent } from "../../support/events";
import { createProbeApi, JSON_HEADERS } from "../../support/probe-api";
import { ALICE } from "../../support/tokens";

describe("bodies", () => {
  test("a JSON object is read, plain and base64", async () => {
    const { call, calls } = createProbeApi();
    const body = JSON.stringify({ name: "Zoë" });
    await call("PUT /me", { headers: JSON_HEADERS, body });
    await call("PUT /me", {
      headers: { "content-type": "application/json; charset=UTF-8" },
      body: Buffer.from(body).toString("base64"),
      isBase64Encoded: true,
    });
    await call("PUT /me");
    expect(calls).toEqual([{ name: "Zoë" }, { name: "Zoë" }, {}]);
  });

  const tooLarge = JSON.stringify({ name: "x".repeat(16_384) });

  test.each<[string, EventOptions, number, string]>([
    ["no content type", { body: "{}" }, 415, "unsupported_media_type"],
    [
      "text",
      { body: "{}", headers: { "content-type": "text/plain" } },
      415,
      "unsupported_media_type",
    ],
    [
      "a form",
      { body: "a=b", headers: { "content-type": "application/x-www-form-urlencoded" } },
      415,
      "unsupported_media_type",
    ],
    [
      "another charset",
      { body: "{}", headers: { "content-type": "application/json; charset=latin1" } },
      415,
      "unsupported_media_type",
    ],
    [
      "a look-alike type",
      { body: "{}", headers: { "content-type": "application/jsonx" } },
      415,
      "unsupported_media_type",
    ],
    [
      "a picture, which arrives in base64",
      {
        body: Buffer.from([0x89, 0x50, 0xff, 0x00]).toString("base64"),
        isBase64Encoded: true,
        headers: { "content-type": "image/png" },
      },
      415,
      "unsupported_media_type",
    ],
    [
      "a compressed body",
      { body: "{}", headers: { ...JSON_HEADERS, "content-encoding": "gzip" } },
      415,
      "unsupported_media_type",
    ],
    ["a body above 16 KB", { body: tooLarge, headers: JSON_HEADERS }, 413, "payload_too_large"],
    [
      "a body above 16 KB in base64",
      {
        body: Buffer.from(tooLarge).toString("base64"),
        isBase64Encoded: true,
        headers: JSON_HEADERS,
      },
      413,
      "payload_too_large",
    ],
    [
      "characters that are more bytes than letters",
      { body: JSON.stringify({ name: "€".repeat(8_000) }), headers: JSON_HEADERS },
      413,
      "payload_too_large",
    ],
    ["broken JSON", { body: "{", headers: JSON_HEADERS }, 400, "invalid_request"],
    ["a list", { body: "[]", headers: JSON_HEADERS }, 400, "invalid_request"],
    ["null", { body: "null", headers: JSON_HEADERS }, 400, "invalid_request"],
    ["text", { body: '"x"', headers: JSON_HEADERS }, 400, "invalid_request"],
    [
      "bytes that are no UTF-8",
      {
        body: Buffer.from('{"name":"\xff"}', "latin1").toString("base64"),
        isBase64Encoded: true,
        headers: JSON_HEADERS,
      },
      400,
      "invalid_request",
    ],
    ["a wrong type", { body: '{"name":1}', headers: JSON_HEADERS }, 400, "invalid_request"],
    [
      "a member out of range",
      { body: JSON.stringify({ name: "x".repeat(21) }), headers: JSON_HEADERS },
      400,
      "invalid_request",
    ],
  ])("S32: %s is refused", async (_, options, status, code) => {
    const { call, calls } = createProbeApi();
    const answer = await call("PUT /me", options);
    expect(answer).toMatchObject({
      status,
      body: { status, code, action: "fix_request", retryable: false },
    });
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(calls).toEqual([]);
  });

  test.each([
    '{"other":1}',
    '{"sub":"urn:rollupid:identity/0x02"}',
    '{"name":"a","userId":"b"}',
    '{"__proto__":{"admin":true}}',
    '{"constructor":{"prototype":{"admin":true}}}',
    '{"toString":1}',
  ])("S23: the unknown member in %s is refused and reaches no object", async (body) => {
    const { call, calls } = createProbeApi();
    expect((await call("PUT /me", { body, headers: JSON_HEADERS })).status).toBe(400);
    expect(calls).toEqual([]);
    expect(({} as Record<string, unknown>)["admin"]).toBeUndefined();
  });

  test.each(['{"__proto__":{"admin":true}}', '{"a":[{"b":{"__proto__":{"admin":true}}}]}'])(
    "S23: %s is refused even where a route takes any member",
    (body) => {
      const event = readEvent(httpEvent("PUT /me", { body, headers: JSON_HEADERS }), "1");
      expect(() => readBody(event, v.looseObject({}))).toThrow(/unknown_member/);
    },
  );

  test.each([
    String.raw`{"a":"\ud800"}`,
    String.raw`{"a":["x\udfff"]}`,
    String.raw`{"a":{"\ud83d":1}}`,
    '{"a":9007199254740993}',
    '{"a":[1,{"b":1e-400}]}',
    '{"a":-1e400}',
    '{"a":"1","b":3.14159265358979323846}',
  ])("F13: %s, which no store could give back as it is, is refused", (body) => {
    const event = readEvent(httpEvent("PUT /me", { body, headers: JSON_HEADERS }), "1");
    expect(() => readBody(event, v.looseObject({}))).toThrow(/invalid_member/);
  });

  test.each([
    String.raw`{"a":"\ud83d\ude00","\ud83d\ude00":1}`,
    String.raw`{"a":"\"9007199254740993","b":"\\","c":-0.10000000000000001}`,
    '{"9007199254740993":"1e400","a":[1E5,0,-1.5e-3]}',
  ])("%s is taken", (body) => {
    const event = readEvent(httpEvent("PUT /me", { body, headers: JSON_HEADERS }), "1");
    expect(readBody(event, v.looseObject({}))).toEqual(JSON.parse(body));
  });

  test("F13: a body that is no UTF-8, since it has a surrogate by itself, is refused", () => {
    const event = readEvent(
      httpEvent("PUT /me", { body: '{"a":"\ud800"}', headers: JSON_HEADERS }),
      "1",
    );
    expect(() => readBody(event, v.looseObject({}))).toThrow(/malformed_encoding/);
  });

  test.each(["[".repeat(16_000), `{"a":${"[".repeat(8_000)}${"]".repeat(8_000)}}`])(
    "S35: nesting as deep as fits is refused, not a crash (%#)",
    async (body) => {
      const { call } = createProbeApi();
      expect((await call("PUT /me", { body, headers: JSON_HEADERS })).status).toBe(400);
    },
  );

  test.each(["image/png", ""])(
    "an empty body is as good as none, with the content type %p too",
    async (type) => {
      const { call, calls } = createProbeApi();
      await call("PUT /me", { body: "", headers: { "content-type": type } });
      expect(calls).toEqual([{}]);
    },
  );

  test("exactly 16 KB are taken", async () => {
    const { call } = createProbeApi();
    const body = JSON.stringify({ name: "x" }).padEnd(16_384);
    expect((await call("PUT /me", { body, headers: JSON_HEADERS })).status).toBe(200);
    const over = await call("PUT /me", { body: `${body} `, headers: JSON_HEADERS });
    expect(over.status).toBe(413);
  });

  test("a body on a route that takes none is refused", async () => {
    const { call } = createProbeApi();
    const answer = await call("GET /me", { body: "{}", headers: JSON_HEADERS });
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  });

  test("PUT /me takes no member at all", () => {
    expect(v.is(emptyBody, {})).toBe(true);
    expect(v.is(emptyBody, { sub: ALICE })).toBe(false);
  });
});
