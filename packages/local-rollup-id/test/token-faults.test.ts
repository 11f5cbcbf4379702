import { decodeJwt } from "jose";
import { jsonOf } from "./rollup-id-client";
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
const planFault = async (fault: object) => {
  expect((await client().faults({ token: [fault] })).status).toBe(200);
};
/** How many requests were processed and how many were not. */
const counts = async () => {
  const { processed, unprocessed } = await client().ledger();
  return [processed.length, unprocessed];
};

async function faultsLeft(): Promise<number | undefined> {
  const { token: faults } = await jsonOf(await client().get("/faults"));
  return (faults as { count: number }[])[0]?.count;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) {
    // Asks again: each look is a request of its own.
  }
}

test("status: any status, body and headers", async () => {
  const body = { code: "UNAUTHORIZED", message: "expired token", name: "RollupError" };
  await planFault({ kind: "status", status: 401, body, headers: { "retry-after": "7" } });
  const response = await refresh();
  expect([response.status, response.headers.get("retry-after")]).toEqual([401, "7"]);
  expect(await jsonOf(response)).toEqual(body);
  await planFault({ kind: "status", status: 429, body: "not JSON" });
  expect(await (await refresh()).text()).toBe("not JSON");
  expect(await counts()).toEqual([0, 2]);
});

test("html: a bad gateway's page", async () => {
  await planFault({ kind: "html" });
  const response = await refresh();
  expect([response.status, response.headers.get("content-type")]).toEqual([502, "text/html"]);
  expect(await response.text()).toContain("<h1>");
});

test("redirect: to somewhere else", async () => {
  await planFault({ kind: "redirect" });
  const response = await refresh();
  expect([response.status, response.headers.get("location")]).toEqual([307, "/elsewhere"]);
});

test("malformed: JSON that breaks off", async () => {
  await planFault({ kind: "malformed" });
  const response = await refresh();
  expect(response.status).toBe(200);
  await expect(response.json()).rejects.toThrow("JSON");
});

test("wrong_content_type: a right answer by the wrong name", async () => {
  await planFault({ kind: "wrong_content_type" });
  const response = await refresh();
  expect(response.headers.get("content-type")).toBe("text/html");
  expect(JSON.parse(await response.text())).toHaveProperty("access_token");
});

test("oversize: more than 64 KB, and right", async () => {
  await planFault({ kind: "oversize" });
  const text = await (await refresh()).text();
  expect(text.length).toBeGreaterThan(65_536);
  expect(JSON.parse(text)).toHaveProperty("access_token");
});

test("wrong_sub: the tokens are another person's, at refresh and at code exchange", async () => {
  await planFault({ kind: "wrong_sub" });
  const { access_token: access } = await jsonOf(await refresh());
  expect(decodeJwt(String(access)).sub).not.toBe(sub);
  const code = await client().code();
  await planFault({ kind: "wrong_sub" });
  const answer = await jsonOf(await client().token({ code }));
  expect(decodeJwt(String(answer["id_token"])).sub).toBe(decodeJwt(String(access)).sub);
});

test("wrong_sub, in the words of RFC 6749: a refresh brings another person's ID token, which alone a client may read", async () => {
  await client().faults({ refusals: "oauth", token: [{ kind: "wrong_sub" }] });
  const { id_token: idToken } = await jsonOf(await refresh());
  expect(decodeJwt(String(idToken)).sub).not.toBe(sub);
});

test("cut_off: processed, and half of the answer arrives", async () => {
  await planFault({ kind: "cut_off" });
  const response = await refresh();
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow();
  expect(await counts()).toEqual([1, 0]);
});

test("no_answer: processed, and nothing arrives", async () => {
  await planFault({ kind: "no_answer" });
  await expect(refresh()).rejects.toThrow();
  expect(await counts()).toEqual([1, 0]);
});

test("slow: processed at once, and the right answer comes late", async () => {
  await planFault({ kind: "slow", delay_ms: 1_000 });
  let isAnswered = false;
  const pending = refresh().finally(() => {
    isAnswered = true;
  });
  await until(async () => (await counts())[0] === 1);
  expect(isAnswered).toBe(false);
  expect(await jsonOf(await pending)).toHaveProperty("access_token");
});

test("drip: the right answer, one character at a time", async () => {
  await planFault({ kind: "drip", delay_ms: 0 });
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
    token: [{ kind: "slow", delay_ms: 200, processed: false, count: 2 }],
  });
  const { issuer, clientId, clientSecret } = server();
  const fields = { client_id: clientId, client_secret: clientSecret, refresh_token: token };
  const body = new URLSearchParams(fields);
  const impatient = new AbortController();
  const { signal } = impatient;
  const left = fetch(`${issuer}/token`, { method: "POST", body, signal }).catch(() => "left");
  await until(async () => (await faultsLeft()) === 1);
  impatient.abort();
  expect(await left).toBe("left");
  expect((await refresh()).status).toBe(200);
  expect(await counts()).toEqual([1, 1]);
});
