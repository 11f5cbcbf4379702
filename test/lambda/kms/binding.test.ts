import { additionalData } from "../../../lambda/kms/binding";
import type { SealContext } from "../../../lambda/ports/crypto";
import { CONTEXT, DEPLOYMENT } from "../../support/kms-double";
import { BOB } from "../../support/tokens";

const bound = (deployment = DEPLOYMENT, context: SealContext = CONTEXT, format = 1) =>
  additionalData(deployment, context, format).toString("hex");

test("S37: what is authenticated differs in every fact that a ciphertext is bound to", () => {
  const all = [
    bound(),
    bound({ ...DEPLOYMENT, issuer: "https://other.example" }),
    bound({ ...DEPLOYMENT, clientId: "other" }),
    bound(DEPLOYMENT, { ...CONTEXT, sub: BOB }),
    bound(DEPLOYMENT, { ...CONTEXT, grantId: "grant-2" }),
    bound(DEPLOYMENT, { ...CONTEXT, gen: 2 }),
    bound(DEPLOYMENT, { ...CONTEXT, purpose: "refresh_token" }),
    bound(DEPLOYMENT, CONTEXT, 2),
  ];
  expect(new Set(all).size).toBe(all.length);
});

test("S37: facts that run into each other are not the same facts", () => {
  const one = bound({ issuer: "a", clientId: "bc" }, { ...CONTEXT, grantId: "1", gen: 23 });
  const two = bound({ issuer: "ab", clientId: "c" }, { ...CONTEXT, grantId: "12", gen: 3 });
  expect(one).not.toBe(two);
});
