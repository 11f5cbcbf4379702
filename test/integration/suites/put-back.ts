/**
 * F13: an old, authentic item comes back into the table of grants: from a partial restore, or by
 * somebody who may write it.
 */
import type { Tokens, World } from "../world";

type Item = Record<string, unknown>;

export function describePutBack(world: () => World): void {
  describe("F13: an old grant item that is put back", () => {
    let tokens: Tokens;
    let sub: string;
    let old: Item;

    const ask = async (method: string, path: string, json?: unknown) =>
      await world().call({ method, path, bearer: tokens.idToken, json });
    const connect = async () => {
      const { status } = await ask("PUT", "/me/refresh-token", {
        refresh_token: tokens.refreshToken,
      });
      expect(status).toBe(200);
    };
    const itemOf = async (key: string) => await world().item("refreshTokens", key);

    /**
     * A user of the case's own, connected, with a kept access token; and a copy of the item as it
     * is then.
     */
    async function prepare(name: string): Promise<void> {
      tokens = await world().signIn(name);
      sub = String((await ask("PUT", "/me")).body["sub"]);
      await connect();
      expect((await ask("POST", "/me/access-token")).status).toBe(200);
      old = (await itemOf(sub))!;
      expect(old).toMatchObject({ status: "active" });
    }

    async function askForToken() {
      world().takeAwsCalls();
      const before = await world().refreshes();
      const { status, body } = await ask("POST", "/me/access-token");
      const { "kms:Decrypt": opened = 0 } = world().takeAwsCalls();
      const exchanges = (await world().refreshes()) - before;
      return { status, reason: body["reason"], opened, exchanges };
    }

    const REFUSED = { status: 409, reason: "disconnected", opened: 0, exchanges: 0 };

    test("after a disconnect: nothing is handed out, opened or exchanged, and the status says so", async () => {
      await prepare("Put Back");
      expect((await ask("DELETE", "/me/refresh-token")).status).toBe(204);
      await world().putBack(old);
      expect(await askForToken()).toEqual(REFUSED);
      const { body } = await ask("GET", "/me/refresh-token");
      expect(body).toMatchObject({ status: "none", reason: "disconnected" });
      const { body: all } = await ask("GET", "/me/export");
      expect(all).toMatchObject({ refresh_token: { status: "none", reason: "disconnected" } });
    });

    test("without its kept access token: no exchange either", async () => {
      await prepare("Put Back Bare");
      expect((await ask("DELETE", "/me/refresh-token")).status).toBe(204);
      const { accessToken, ...bare } = old;
      expect(accessToken).toBeDefined();
      await world().putBack(bare);
      expect(await askForToken()).toEqual(REFUSED);
    });

    test("made to look younger: it does not open", async () => {
      await prepare("Put Back Younger");
      expect((await ask("DELETE", "/me/refresh-token")).status).toBe(204);
      const [, id] = String(old["grantId"]).split(".");
      await world().putBack({ ...old, grantId: `${String(Date.now() + 60_000)}.${String(id)}` });
      expect(await askForToken()).toMatchObject({ status: 500, exchanges: 0 });
    });

    test("after disconnecting and signing in anew: the old grant stays ended, and signing in heals", async () => {
      await prepare("Put Back Anew");
      expect((await ask("DELETE", "/me/refresh-token")).status).toBe(204);
      await connect();
      expect((await ask("POST", "/me/access-token")).status).toBe(200);
      await world().putBack(old);
      expect(await askForToken()).toEqual(REFUSED);
      await connect();
      expect((await askForToken()).status).toBe(200);
    });

    test("after an erasure: a user who comes back does not get the old grant", async () => {
      await prepare("Put Back Erased");
      expect((await ask("DELETE", "/me")).status).toBe(200);
      await world().putBack(old);
      const again = await world().signIn("Put Back Erased");
      tokens = again;
      expect(await askForToken()).toEqual(REFUSED);
    });

    test("a disconnect that is repeated puts the tombstone there again", async () => {
      await prepare("Put Back Twice");
      expect((await ask("DELETE", "/me/refresh-token")).status).toBe(204);
      await world().putBack(old);
      expect((await ask("DELETE", "/me/refresh-token")).status).toBe(204);
      const item = await itemOf(sub);
      expect(item).toMatchObject({ status: "disconnected" });
      expect(item).not.toHaveProperty("refreshToken");
    });
  });
}
