import { evidenceOf } from "../../../lambda/model";
import { createGetUser, createPutUser } from "../../../lambda/use-cases/users";
import { createInMemoryUserStore } from "../../support/in-memory-user-store";
import { ALICE, BOB, NOW } from "../../support/tokens";

const idToken = {
  sub: ALICE,
  issuedAt: NOW - 10_000,
  expiresAt: NOW + 1,
  claims: { name: "A" },
  tokenHash: "hash",
};
const evidence = evidenceOf(idToken);
const clock = { now: () => NOW };

test("the first PUT creates the user from the token, at the clock's time; the next one does not", async () => {
  const putUser = createPutUser({ users: createInMemoryUserStore(), clock });
  expect(await putUser(idToken, evidence)).toMatchObject({
    created: true,
    user: { sub: ALICE, claims: { name: "A" }, createdAt: NOW, updatedAt: NOW, version: 1 },
  });
  expect(await putUser(idToken, evidence)).toMatchObject({ created: false, user: { version: 2 } });
});

test("GET is the caller's own user, and not_found before the first PUT", async () => {
  const users = createInMemoryUserStore();
  const getUser = createGetUser({ users });
  await createPutUser({ users, clock })(idToken, evidence);
  expect(await getUser(evidence)).toMatchObject({ sub: ALICE });
  const bob = { ...evidence, sub: BOB };
  await expect(getUser(bob)).rejects.toMatchObject({ reason: "not_found" });
});
