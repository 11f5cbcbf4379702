import { type Person, type RotatingWorld, until } from "../rotating-world";

/** After the table of refresh tokens came back from a backup, in the order of the runbook. */
export function describeRestored(world: () => RotatingWorld): void {
  describe("rollup-vault admin restored", () => {
    let spent: Person, unused: Person;

    async function isFrozen(person: Person): Promise<boolean> {
      const { body } = await world().freshToken(person);
      return body.code === "frozen";
    }

    beforeAll(async () => {
      spent = await world().connect("Spent Since");
      unused = await world().connect("Unused Since");
      const backup = await world().items("refreshTokens");
      expect((await world().freshToken(spent)).status).toBe(200);
      await world().command.admin("freeze", "--all");
      await until(() => isFrozen(spent));
      const mine = [spent.sub, unused.sub];
      const rows = backup.filter((row) => mine.includes(String(row["sub"])));
      expect(rows).toHaveLength(2);
      await Promise.all(rows.map((row) => world().putBack(row)));
      // Past the grace time of what was spent since.
      await world().programme({ grace_seconds: 0 });
    });

    test("wants to be sure", async () => {
      const { code, err } = await world().command.admin("restored");
      expect([code, err]).toEqual([1, expect.stringContaining("nothing was changed")]);
    });

    test("a restored token that was spent since the backup is refused, and that is in doubt: the user signs in again", async () => {
      const begunAt = Date.now();
      const { restored_at: at } = await world().command.json("restored", "--yes");
      expect(Date.parse(String(at))).toBeGreaterThanOrEqual(begunAt);
      await world().command.admin("unfreeze", "--all");
      // Whoever has seen that the freeze is over has seen the epoch, which is in the same item.
      await until(async () => !(await isFrozen(unused)));
      const { status, body } = await world().freshToken(spent);
      expect([status, body.reason, body.action]).toEqual([409, "in_doubt", "sign_in"]);
      expect(await world().grant(spent.sub)).toMatchObject({
        status: "needs_sign_in",
        reason: "in_doubt",
        history: [{ outcome: "stored" }, { outcome: "in_doubt" }],
      });
      const again = await world().connect("Spent Since");
      expect([again.sub, (await world().freshToken(again)).status]).toEqual([spent.sub, 200]);
    });

    test("a restored token that nobody has used since the backup is as good as before", async () => {
      expect((await world().freshToken(unused)).status).toBe(200);
      expect((await world().grant(unused.sub)).status).toBe("active");
    });

    test("S48: the refusal of a token that came after the epoch is the provider's last word", async () => {
      const person = await world().connect("After the Epoch");
      const refusal = { kind: "status", status: 400, body: { error: "invalid_grant" } };
      await world().programme({ add_token: [{ ...refusal, sub: person.sub }] });
      const { status, body } = await world().freshToken(person);
      expect([status, body.reason]).toEqual([409, "refresh_token_refused"]);
    });
  });
}
