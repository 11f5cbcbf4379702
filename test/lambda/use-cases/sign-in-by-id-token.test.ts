import { createSignInWorld as createWorld } from "../../support/sign-in-world";
import { NOW } from "../../support/tokens";

describe("how old the evidence may be that a session is opened with", () => {
  const HOUR_MS = 3_600_000;
  const OLDEST = NOW + 500 - HOUR_MS - 60_000;

  test.each([
    [OLDEST, "rvs_new"],
    [OLDEST - 1, "invalid_lifetime"],
  ])("an ID token issued at %d, however late its exp is: %s", async (issuedAt, expected) => {
    const idToken = { issuedAt, expiresAt: NOW + 9 * HOUR_MS };
    for (const begin of ["byIdToken", "byCode"] as const) {
      const world = createWorld({ idToken });
      const outcome = await world[begin]().then(
        ({ token }) => token,
        (error: unknown) => (error as { reason: string }).reason,
      );
      expect(outcome).toBe(expected);
      expect(world.steps.includes("user")).toBe(expected === "rvs_new");
    }
  });
});

describe("by ID token", () => {
  test("a refresh token beside it is looked at before anything is written", async () => {
    const world = createWorld({ fail: "precheck" });
    await expect(world.byIdToken("bob's")).rejects.toMatchObject({ reason: "foreign_subject" });
    expect(world.steps).toEqual(["precheck"]);
  });

  test("without one nothing is sealed", async () => {
    const world = createWorld();
    expect(await world.byIdToken()).toMatchObject({ token: "rvs_new", accessToken: undefined });
    expect(world.steps).toEqual(["user", "open", "find", "cap"]);
  });
});
