import { decodeJwt, decodeProtectedHeader } from "jose";
import { jsonOf } from "../../support/rollup-id-client";
import { NOW } from "../../support/tokens";
import { useRollupId } from "./world";

const { server, client } = useRollupId();

let token: string;
let sub: string | undefined;

beforeEach(async () => {
  token = (await client().signIn()).refresh_token;
  sub = decodeJwt(token).sub;
  await fetch(`${server().issuer}/ledger`, { method: "DELETE" });
});

const refresh = async () => await client().token({ refresh_token: token });
const programme = async (fault: object) => {
  expect((await client().faults({ token: [fault] })).status).toBe(200);
};
/** How many requests were processed and how many were not. */
const counts = async () => {
  const { processed, unprocessed } = await client().ledger();
  return [processed.length, unprocessed];
};

describe("the programme", () => {
  test("is taken in order, each fault as often as it says, and shown as it is left", async () => {
    const faults = [{ kind: "status", status: 500, count: 2 }, { kind: "html" }];
    await client().faults({ token: faults });
    const statuses = [(await refresh()).status];
    expect((await jsonOf(await client().get("/faults")))["token"]).toEqual([
      { kind: "status", status: 500, count: 1 },
      { kind: "html", count: 1 },
    ]);
    for (let round = 0; round < 3; round += 1) {
      statuses.push((await refresh()).status);
    }
    expect(statuses).toEqual([500, 500, 502, 200]);
    expect(await counts()).toEqual([1, 3]);
  });

  test("changes only what is named, and reset brings the usual one back first", async () => {
    await client().faults({ rotation: "strict", jwks: "down", down: true });
    await client().faults({ down: false });
    expect(await jsonOf(await client().get("/faults"))).toMatchObject({
      rotation: "strict",
      jwks: "down",
      down: false,
    });
    await client().faults({ reset: true, grace_seconds: 5 });
    expect(await jsonOf(await client().get("/faults"))).toMatchObject({
      rotation: "none",
      jwks: "ok",
      grace_seconds: 5,
    });
  });

  test("explains every member that it shows", async () => {
    const {
      documentation,
      rotate_before_signing: _,
      ...shown
    } = await jsonOf(await client().get("/faults"));
    const explained = Object.keys(documentation as object);
    expect(explained).toEqual(expect.arrayContaining([...Object.keys(shown), "reset", "keys"]));
  });

  test.each([
    { token: [{ kind: "nonsense" }] },
    { token: [{ kind: "status", status: 99 }] },
    { token: [{ kind: "html", count: 0 }] },
    { token: [{ kind: "html", typo: 1 }] },
    { rotation: "sometimes" },
    { unknown: 1 },
    { access_token_lifetime_seconds: 0 },
    "x",
    null,
  ])("%j is refused and changes nothing", async (wrong) => {
    const before = await jsonOf(await client().get("/faults"));
    expect((await client().faults(wrong)).status).toBe(400);
    expect(await jsonOf(await client().get("/faults"))).toEqual(before);
  });
});

describe("faults of the token endpoint", () => {
  test("status: any status, body and headers", async () => {
    const body = { code: "UNAUTHORIZED", message: "expired token", name: "RollupError" };
    await programme({ kind: "status", status: 401, body, headers: { "retry-after": "7" } });
    const response = await refresh();
    expect([response.status, response.headers.get("retry-after")]).toEqual([401, "7"]);
    expect(await jsonOf(response)).toEqual(body);
    await programme({ kind: "status", status: 429, body: "not JSON" });
    expect(await (await refresh()).text()).toBe("not JSON");
    expect(await counts()).toEqual([0, 2]);
  });

  test("html: a bad gateway's page", async () => {
    await programme({ kind: "html" });
    const response = await refresh();
    expect([response.status, response.headers.get("content-type")]).toEqual([502, "text/html"]);
    expect(await response.text()).toContain("<h1>");
  });

  test("redirect: to somewhere else", async () => {
    await programme({ kind: "redirect" });
    const response = await refresh();
    expect([response.status, response.headers.get("location")]).toEqual([307, "/elsewhere"]);
  });

  test("malformed: JSON that breaks off", async () => {
    await programme({ kind: "malformed" });
    const response = await refresh();
    expect(response.status).toBe(200);
    await expect(response.json()).rejects.toThrow(SyntaxError);
  });

  test("wrong_content_type: a right answer by the wrong name", async () => {
    await programme({ kind: "wrong_content_type" });
    const response = await refresh();
    expect(response.headers.get("content-type")).toBe("text/html");
    expect(JSON.parse(await response.text())).toHaveProperty("access_token");
  });

  test("oversize: more than 64 KB, and right", async () => {
    await programme({ kind: "oversize" });
    const text = await (await refresh()).text();
    expect(text.length).toBeGreaterThan(65_536);
    expect(JSON.parse(text)).toHaveProperty("access_token");
  });

  test("wrong_sub: the tokens are somebody else's, at refresh and at code exchange", async () => {
    await programme({ kind: "wrong_sub" });
    const { access_token: access } = await jsonOf(await refresh());
    expect(decodeJwt(String(access)).sub).not.toBe(sub);
    const code = await client().code();
    await programme({ kind: "wrong_sub" });
    const answer = await jsonOf(await client().token({ code }));
    expect(decodeJwt(String(answer["id_token"])).sub).toBe(decodeJwt(String(access)).sub);
  });

  test("cut_off: processed, and half of the answer arrives", async () => {
    await programme({ kind: "cut_off" });
    const response = await refresh();
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    expect(await counts()).toEqual([1, 0]);
  });

  test("no_answer: processed, and nothing arrives", async () => {
    await programme({ kind: "no_answer" });
    await expect(refresh()).rejects.toThrow();
    expect(await counts()).toEqual([1, 0]);
  });

  test("slow: processed at once, and the right answer comes late", async () => {
    await programme({ kind: "slow", delay_ms: 300 });
    const started = performance.now();
    const pending = refresh();
    while ((await counts())[0] === 0) {
      expect(performance.now() - started).toBeLessThan(250);
    }
    expect(await jsonOf(await pending)).toHaveProperty("access_token");
    expect(performance.now() - started).toBeGreaterThanOrEqual(290);
  });

  test("drip: the right answer, one character at a time", async () => {
    await programme({ kind: "drip", delay_ms: 0 });
    const body = (await refresh()).body as unknown as AsyncIterable<Uint8Array>;
    let chunks = 0;
    let text = "";
    for await (const chunk of body) {
      chunks += 1;
      text += Buffer.from(chunk).toString("utf8");
    }
    expect(JSON.parse(text)).toHaveProperty("access_token");
    expect(chunks).toBeGreaterThan(20);
  });

  test.each(["status", "html", "redirect", "malformed"])(
    "%s can come after the request was processed: what was spent is spent",
    async (kind) => {
      await client().faults({ rotation: "strict", token: [{ kind, processed: true }] });
      await refresh();
      expect(await counts()).toEqual([1, 0]);
      expect((await refresh()).status).toBe(401);
    },
  );

  test.each(["drip", "cut_off", "no_answer", "oversize", "wrong_content_type", "wrong_sub"])(
    "%s can come before it is: nothing is spent, and no token is in the answer",
    async (kind) => {
      const fault = { kind, processed: false, delay_ms: 0 };
      await client().faults({ rotation: "strict", token: [fault] });
      const text = await refresh().then(
        async (response) => await response.text().catch(() => ""),
        () => "",
      );
      expect(text).not.toContain("access_token");
      expect(await counts()).toEqual([0, 1]);
      expect((await refresh()).status).toBe(200);
    },
  );

  test("slow before processing: who waits is served, who leaves has spent nothing", async () => {
    await client().faults({
      rotation: "strict",
      token: [{ kind: "slow", delay_ms: 100, processed: false, count: 2 }],
    });
    const { issuer, clientId, clientSecret } = server();
    const fields = { client_id: clientId, client_secret: clientSecret, refresh_token: token };
    const body = new URLSearchParams(fields);
    const signal = AbortSignal.timeout(20);
    await expect(fetch(`${issuer}/token`, { method: "POST", body, signal })).rejects.toThrow();
    expect((await refresh()).status).toBe(200);
    expect(await counts()).toEqual([1, 1]);
  });
});

describe("keys", () => {
  const keys = async () =>
    ((await jsonOf(await client().get("/.well-known/jwks.json")))["keys"] as { kid: string }[]).map(
      ({ kid }) => kid,
    );

  test("rotate: a new key signs from now on, and the old one stays listed", async () => {
    await client().faults({ keys: "rotate" });
    expect(await keys()).toEqual([String(NOW), String(NOW + 1)]);
    expect(decodeProtectedHeader((await client().signIn()).id_token).kid).toBe(String(NOW + 1));
  });

  test("rotate_before_signing: the next token is signed by a key that nobody has seen, once", async () => {
    await client().faults({ keys: "rotate_before_signing" });
    const before = await keys();
    const { access_token: access } = await jsonOf(await refresh());
    expect(before).not.toContain(decodeProtectedHeader(String(access)).kid);
    await refresh();
    expect(await keys()).toHaveLength(2);
  });

  test("the key set can be down by itself, or slow", async () => {
    await client().faults({ jwks: "down" });
    expect((await client().get("/.well-known/jwks.json")).status).toBe(503);
    expect((await refresh()).status).toBe(200);
    await client().faults({ jwks: "slow", jwks_delay_ms: 120 });
    const started = performance.now();
    expect(await keys()).toHaveLength(1);
    expect(performance.now() - started).toBeGreaterThanOrEqual(110);
  });
});

test("down: every connection is closed but those of the tools", async () => {
  await client().faults({ down: true });
  for (const path of ["/.well-known/jwks.json", "/authorize", "/userinfo", "/nowhere"]) {
    await expect(client().get(path)).rejects.toThrow();
  }
  await expect(refresh()).rejects.toThrow();
  expect(await counts()).toEqual([0, 0]);
  await client().faults({ down: false });
  expect((await refresh()).status).toBe(200);
});

test("lifetimes are programmable", async () => {
  await client().faults({ access_token_lifetime_seconds: 5 });
  const { access_token: access } = await jsonOf(await refresh());
  expect(decodeJwt(String(access)).exp).toBe(NOW / 1000 + 5);
});
