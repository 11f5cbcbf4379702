import type { ActiveGrant } from "../../../lambda/grant/grant";
import type { AccessToken } from "../../../lambda/model";
import { openCached, sealCached } from "../../../lambda/refresh/cached-access-token";
import { createInMemoryCipher } from "../../support/in-memory-cipher";

const cipher = createInMemoryCipher();
const context = { sub: "sub", grantId: "grant", gen: 3 };
const grant: ActiveGrant = {
  sub: "sub",
  grantId: "grant",
  revision: 3,
  status: "active",
  since: 1,
  refreshToken: { ciphertext: new Uint8Array(), gen: 1 },
  inbox: [],
  history: [],
};
const token = (scope: string | undefined): AccessToken => ({
  accessToken: "access-token",
  tokenType: "Bearer",
  expiresAt: 9,
  scope,
});

test.each(["openid profile", undefined])("opens to what was sealed, scope %j", async (scope) => {
  const key = await cipher.newKey(context);
  const kept = sealCached(key, token(scope), { gen: 3, obtainedBy: "holder" });
  expect(kept).toMatchObject({ gen: 3, obtainedBy: "holder", expiresAt: 9 });
  expect(await openCached(cipher, grant, kept)).toEqual(token(scope));
});

test.each<[string, Partial<ActiveGrant>, number]>([
  ["another user's", { sub: "another" }, 3],
  ["another sign-in's", { grantId: "another" }, 3],
  ["another exchange's", {}, 4],
])("S37: %s does not open", async (_, change, gen) => {
  const key = await cipher.newKey(context);
  const kept = { ...sealCached(key, token(undefined), { gen: 3, obtainedBy: "holder" }), gen };
  await expect(openCached(cipher, { ...grant, ...change }, kept)).rejects.toMatchObject({
    reason: "ciphertext_rejected",
  });
});

test("what was sealed for another purpose does not open, and what is no document says nothing of itself", async () => {
  const key = await cipher.newKey(context);
  const kept = sealCached(key, token(undefined), { gen: 3, obtainedBy: "holder" });
  const refresh = { ...kept, ciphertext: key.seal("{}", "refresh_token") };
  const junk = { ...kept, ciphertext: key.seal("secret-junk", "access_token") };
  for (const wrong of [refresh, junk]) {
    const outcome = openCached(cipher, grant, wrong);
    await expect(outcome).rejects.toMatchObject({ reason: "ciphertext_rejected" });
    await expect(outcome).rejects.not.toMatchObject({
      message: expect.stringContaining("secret-junk"),
    });
  }
});
