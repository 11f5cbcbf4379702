import { failure } from "../../support/exchange-failures";
import { createRecoverable } from "../../support/recoverable-world";

describe("after the table came back from a backup", () => {
  test("a rotating grant that was last exchanged before is tried once, and a refusal marks it as in doubt", async () => {
    const world = await createRecoverable();
    world.time.advance(1_000);
    world.state.restoredAt = world.time.now();
    world.tokenEndpoint.next({ outcome: { kind: "refused" } });
    expect(await failure(world.get())).toMatchObject({ reason: "in_doubt" });
    expect(world.tokenEndpoint.presented).toHaveLength(1);
  });

  test("a grant that was exchanged since is refused like any other", async () => {
    const world = await createRecoverable();
    world.state.restoredAt = world.time.now();
    world.time.advance(1_000);
    await world.get();
    world.time.advance(60_000);
    world.tokenEndpoint.next({ outcome: { kind: "refused" } });
    const refused = await failure(world.get({ minValiditySeconds: 86_400 }));
    expect(refused).toMatchObject({ reason: "refresh_token_refused" });
  });

  test("an access token from the backup is still served", async () => {
    const world = await createRecoverable();
    await world.get();
    world.time.advance(1_000);
    world.state.restoredAt = world.time.now();
    expect((await world.get()).accessToken).toBe("access-token-1");
  });

  test("a provider that does not rotate is not in doubt", async () => {
    const world = await createRecoverable({ rotation: "none" });
    world.time.advance(1_000);
    world.state.restoredAt = world.time.now();
    world.tokenEndpoint.next({ outcome: { kind: "refused" } });
    expect(await failure(world.get())).toMatchObject({ reason: "refresh_token_refused" });
  });
});
