import { decodeJwt } from "jose";
import { fingerprint } from "../src/fingerprint";
import { jsonOf } from "./rollup-id-client";
import { useRollupId } from "./world";

const { client, advance, verify } = useRollupId();

async function refresh(token: string): Promise<{ status: number; next: string }> {
  const response = await client().token({ refresh_token: token });
  return { status: response.status, next: String((await jsonOf(response))["refresh_token"]) };
}

const live = async () => (await client().ledger("?live=1")).live ?? [];

describe("strict", () => {
  beforeEach(async () => {
    await client().faults({ rotation: "strict" });
  });

  test("each refresh brings a successor of the same shape with a jti of its own", async () => {
    const { refresh_token: first } = await client().signIn();
    const { next } = await refresh(first);
    const [before, { payload: after }] = [decodeJwt(first), await verify(next)];
    expect({ ...after, jti: "" }).toEqual({ ...before, jti: "" });
    expect(after.jti).toMatch(/^0x[0-9a-f]{48}$/);
    expect(after.jti).not.toBe(before.jti);
  });

  test("reuse revokes the family: neither the old nor the new one is good any more", async () => {
    const { refresh_token: first } = await client().signIn();
    const { next: second } = await refresh(first);
    const { refresh_token: other } = await client().signIn();
    expect((await refresh(first)).status).toBe(401);
    expect((await refresh(second)).status).toBe(401);
    expect((await refresh(other)).status).toBe(200);
  });

  test("of two at once with one token, one gets a successor, and the family is gone", async () => {
    const { refresh_token: first } = await client().signIn();
    const both = await Promise.all([refresh(first), refresh(first)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
    const winner = both.find(({ status }) => status === 200);
    expect((await refresh(winner?.next ?? "")).status).toBe(401);
  });

  test("an access token is no refresh token here", async () => {
    const { access_token: access, refresh_token: token } = await client().signIn();
    expect((await refresh(access)).status).toBe(401);
    expect((await refresh(token)).status).toBe(200);
  });
});

describe("grace", () => {
  beforeEach(async () => {
    await client().faults({ rotation: "grace", grace_seconds: 30 });
  });

  test("the predecessor leads to the same successor while the grace lasts", async () => {
    const { refresh_token: first } = await client().signIn();
    const { next: second } = await refresh(first);
    advance(29_999);
    expect(decodeJwt((await refresh(first)).next).jti).toBe(decodeJwt(second).jti);
    advance(1);
    expect((await refresh(first)).status).toBe(401);
    expect((await refresh(second)).status).toBe(200);
  });

  test("the predecessor is no good once its successor has been used", async () => {
    const { refresh_token: first } = await client().signIn();
    const { next: second } = await refresh(first);
    const { next: third } = await refresh(second);
    expect((await refresh(first)).status).toBe(401);
    expect((await refresh(third)).status).toBe(200);
  });
});

describe("what is live", () => {
  test("begins with the refresh token of the sign-in, in every mode", async () => {
    const { refresh_token: token } = await client().signIn();
    const { sub } = decodeJwt(token);
    const family = expect.stringMatching(/^[0-9a-f]{24}$/) as string;
    const root = { sub, family, generation: 0, fingerprint: fingerprint(token), in_grace: null };
    expect(await live()).toEqual([root]);
    await refresh(token);
    expect(await live()).toEqual([root]);
  });

  test("is the successor after a rotation, with its predecessor while that has grace", async () => {
    await client().faults({ rotation: "grace", grace_seconds: 30 });
    const { refresh_token: first } = await client().signIn();
    const { next } = await refresh(first);
    const successor = { generation: 1, fingerprint: fingerprint(next) };
    expect(await live()).toMatchObject([{ ...successor, in_grace: fingerprint(first) }]);
    // Signed anew, and still the same token.
    expect(fingerprint((await refresh(first)).next)).toBe(successor.fingerprint);
    advance(30_000);
    expect(await live()).toMatchObject([{ ...successor, in_grace: null }]);
  });

  test("is nothing of a family that has been revoked", async () => {
    await client().faults({ rotation: "strict" });
    const { refresh_token: first } = await client().signIn();
    await refresh(first);
    await refresh(first);
    expect(await live()).toEqual([]);
  });

  test("is told only where it is asked for", async () => {
    expect(await client().ledger()).not.toHaveProperty("live");
  });
});
