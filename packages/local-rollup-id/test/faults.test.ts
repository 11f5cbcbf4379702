import { decodeJwt, decodeProtectedHeader } from "jose";
import { jsonOf } from "./rollup-id-client";
import { NOW, useRollupId } from "./world";

const { server, client } = useRollupId();

let token: string;

beforeEach(async () => {
  token = (await client().signIn()).refresh_token;
  await fetch(`${server().issuer}/ledger`, { method: "DELETE" });
});

const refresh = async () => await client().token({ refresh_token: token });
/** How many requests were processed and how many were not. */
const counts = async () => {
  const { processed, unprocessed } = await client().ledger();
  return [processed.length, unprocessed];
};

describe("the fault configuration", () => {
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

  test("a fault of one subject passes by every other one, and faults can be added to those that are left", async () => {
    const other = (await client().signIn("Somebody Else")).refresh_token;
    const { sub } = decodeJwt(token);
    await client().faults({ token: [{ kind: "status", status: 500, sub }] });
    await client().faults({ add_token: [{ kind: "html", sub }] });
    const others = async () => (await client().token({ refresh_token: other })).status;
    expect([await others(), (await refresh()).status]).toEqual([200, 500]);
    expect([await others(), (await refresh()).status]).toEqual([200, 502]);
    expect([await others(), (await refresh()).status]).toEqual([200, 200]);
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
    const { documentation, ...shown } = await jsonOf(await client().get("/faults"));
    const members = Object.keys(shown).filter((name) => name !== "rotate_before_signing");
    const explained = Object.keys(documentation as object);
    expect(explained.sort()).toEqual([...members, "reset", "keys", "add_token"].sort());
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

  test("rotate_before_signing: the next token is signed by a key that was never served, once", async () => {
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

test("refusals are in the words of RFC 6749 when a provider that rotates is imitated", async () => {
  await client().faults({ rotation: "strict", refusals: "oauth" });
  const { refresh_token: token } = await client().signIn();
  await client().token({ refresh_token: token });
  const again = await client().token({ refresh_token: token });
  expect([again.status, await jsonOf(again)]).toEqual([400, { error: "invalid_grant" }]);
  const wrong = await client().token({ refresh_token: token, client_secret: "wrong" });
  expect([wrong.status, await jsonOf(wrong)]).toEqual([401, { error: "invalid_client" }]);
});
