import { type AwsCall, AwsError } from "@rollup-vault/local-aws/aws/call";
import { beginDisconnect, takeLease } from "../../../lambda/grant/transitions";
import { IDLE_SECONDS, type Person, type RotatingWorld, until } from "../rotating-world";

const HOURS = 3_600_000;

/** What is done for grants and users that nobody asks for, by the schedule and by the operator. */
export function describeUpkeep(world: () => RotatingWorld): void {
  const sweep = () => world().stack.runSchedule("Sweep");
  const outcomes = async ({ sub }: Person) =>
    (await world().grant(sub)).history.map(({ by, outcome }) => `${outcome} by ${by}`);
  const isRecovered = async (person: Person) =>
    (await outcomes(person)).includes("exchanged by recovery");

  /** Its holder is gone, its lease is over, and its watchdog with it. */
  async function abandon({ sub }: Person): Promise<void> {
    const at = Date.now() - 1_000;
    await world().change(sub, (grant) => takeLease(grant, { owner: "dead", expiresAt: at }));
  }

  /** Nobody has used it for more than half of the time after which it lapses. */
  async function neglect({ sub }: Person): Promise<void> {
    const at = Date.now() - (IDLE_SECONDS / 2) * 1_000 - HOURS;
    await world().change(sub, (grant) => ({ ...grant, since: at, lastExchangeAt: at }));
  }

  /** The store takes nothing any more once the user is gone. */
  async function breakOffErasure({ sub, session }: Person): Promise<void> {
    const failure = new AwsError("InternalServerError", "programmed", 500);
    world().failAws(({ service, action, contextLists }) =>
      service === "dynamodb" &&
      action === "UpdateItem" &&
      contextLists["dynamodb:LeadingKeys"]?.includes(sub) === true
        ? failure
        : undefined,
    );
    const answer = await world().call({ method: "DELETE", path: "/me", bearer: session });
    world().failAws(() => undefined);
    expect(answer.status).toBe(503);
    expect(await world().item("users", sub)).toHaveProperty("erasing");
    await world().ageErasure(sub);
  }

  async function breakOffDisconnect({ sub }: Person): Promise<void> {
    const at = Date.now() - 2 * HOURS;
    await world().change(sub, (grant) => beginDisconnect(grant, at));
  }

  async function expectErased({ sub, session, idToken }: Person): Promise<void> {
    expect(await world().item("users", sub)).not.toHaveProperty("erasing");
    const { status, reason, refreshToken, history } = await world().grant(sub);
    expect([status, reason, refreshToken, history]).toEqual([
      "disconnected",
      "erased",
      undefined,
      [],
    ]);
    const me = { method: "GET", path: "/me" };
    for (const bearer of [session, idToken]) {
      expect((await world().call({ ...me, bearer })).status).toBe(401);
    }
    expect((await world().items("sessions")).filter((item) => item["sub"] === sub)).toEqual([]);
  }

  test("S44: each exchange is watched over by one message, and its caller is served", async () => {
    const person = await world().connect("Watched");
    world().takeAwsCalls();
    expect((await world().freshToken(person)).status).toBe(200);
    expect(world().takeAwsCalls()["sqs:SendMessage"]).toBe(1);
    expect(await world().exchanges(person.sub)).toBe(1);
  });

  test("a grant whose holder died is exchanged at the next sweep, with nobody asking, and the next caller gets what came of it", async () => {
    const person = await world().connect("Abandoned");
    await abandon(person);
    await sweep();
    await until(() => isRecovered(person));
    expect((await world().grant(person.sub)).lease).toBeUndefined();
    const { session } = person;
    const answer = await world().call({
      method: "POST",
      path: "/me/access-token",
      bearer: session,
    });
    expect([answer.status, await world().exchanges(person.sub)]).toEqual([200, 1]);
  });

  test("S48: a grant in doubt is tried again at the next sweep: healed in the grace time, else marked, and healed by the next sign-in", async () => {
    const person = await world().connect("Doubtful");
    await world().programme({ add_token: [{ kind: "cut_off", sub: person.sub }] });
    expect((await world().freshToken(person)).status).toBe(503);
    expect(await world().exchanges(person.sub)).toBe(1);
    await world().change(person.sub, (grant) => {
      expect([grant.lease, grant.cooldown?.cause]).toEqual([expect.anything(), "idp_in_doubt"]);
      // Another owner: the sweep is to find it, and not the message that watches over this one.
      const lease = { owner: "dead", expiresAt: Date.now() - 1_000, takenOver: false };
      return { ...grant, lease, cooldown: { ...grant.cooldown!, until: Date.now() - 1_000 } };
    });
    await sweep();
    const { rotation } = world();
    const expected = rotation === "grace" ? "exchanged by recovery" : "in_doubt by recovery";
    await until(async () => (await outcomes(person)).includes(expected));
    const { status, body } = await world().freshToken(person);
    expect([status, body.reason, body.action]).toEqual(
      rotation === "grace" ? [200, undefined, undefined] : [409, "in_doubt", "sign_in"],
    );
    const again = await world().connect("Doubtful");
    expect(again.sub).toBe(person.sub);
    expect((await world().freshToken(again)).status).toBe(200);
  });

  test("a refresh token that would lapse unused is renewed at the next sweep, and no other", async () => {
    const [idle, busy] = [await world().connect("Idle"), await world().connect("Busy")];
    await neglect(idle);
    await sweep();
    await until(() => isRecovered(idle));
    expect([await world().exchanges(idle.sub), await world().exchanges(busy.sub)]).toEqual([1, 0]);
    expect(await world().command.json("sweep", "--dry-run")).toMatchObject({ due: [] });
  });

  test("an erasure that broke off is finished at the next sweep: nothing is left, and the user's receipt is of the first time", async () => {
    const person = await world().connect("Erased");
    await world().freshToken(person);
    await breakOffErasure(person);
    const { erasedAt } = (await world().item("users", person.sub)) ?? {};
    await sweep();
    await expectErased(person);
    const { idToken: bearer } = person;
    const { status, body } = await world().call({ method: "DELETE", path: "/me", bearer });
    expect([status, body.erased_at]).toEqual([200, erasedAt]);
  });

  describe("rollup-vault admin sweep", () => {
    let dead: Person, idle: Person, erased: Person, disconnected: Person, young: Person;
    const rows = async () => [await world().items("users"), await world().items("refreshTokens")];

    beforeAll(async () => {
      dead = await world().connect("Operated Dead");
      idle = await world().connect("Operated Idle");
      erased = await world().connect("Operated Erased");
      disconnected = await world().connect("Operated Disconnected");
      young = await world().connect("Operated Young");
      await abandon(dead);
      await neglect(idle);
      await breakOffErasure(erased);
      await breakOffDisconnect(disconnected);
      // May still be under way.
      await world().change(young.sub, (grant) => beginDisconnect(grant, Date.now()));
    });

    test("--dry-run says what would be done, and changes nothing", async () => {
      const before = await rows();
      const { aws, outputs } = world().stack;
      aws.resetCalls();
      const plan = await world().command.json("sweep", "--dry-run");
      const { out } = await world().command.admin("sweep", "--dry-run", "--limit", "1");
      const isOwn = ({ accessKeyId }: AwsCall) => accessKeyId === outputs.credentials.accessKeyId;
      const actions = aws
        .calls()
        .filter(isOwn)
        .map(({ action }) => action);
      expect([...new Set(actions)]).toEqual(["Query"]);
      expect(await rows()).toEqual(before);
      expect({ ...plan, due: (plan["due"] as string[]).sort() }).toEqual({
        erasing: [erased.sub],
        disconnecting: [disconnected.sub],
        due: [dead.sub, idle.sub].sort(),
      });
      expect(out).toMatch(/^erasing +1\n {2}\S+\ndisconnecting +1\n {2}\S+\ndue +1\n {2}\S+\n$/);
    });

    test("does it, by way of the queue where somebody has to be asked for tokens", async () => {
      const { out, code } = await world().command.admin("sweep");
      expect([code, out]).toEqual([
        0,
        expect.stringMatching(/^erasing +1 done, 0 failed\ndisconnecting +1 .*\ndue +2 done, 0/),
      ]);
      await expectErased(erased);
      const { status, refreshToken, history } = await world().grant(disconnected.sub);
      expect([status, refreshToken, history.at(-1)]).toEqual([
        "disconnected",
        undefined,
        expect.objectContaining({ by: "admin", outcome: "disconnected" }),
      ]);
      await until(async () => (await isRecovered(dead)) && (await isRecovered(idle)));
      expect((await world().grant(young.sub)).status).toBe("disconnecting");
      expect(await world().command.json("sweep", "--dry-run")).toEqual({
        erasing: [],
        disconnecting: [],
        due: [],
      });
    });
  });
}
