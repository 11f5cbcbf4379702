import { reportStatus } from "../../../bin/admin/show";
import { sampleGrant } from "../../contract/grant-store.contract";
import { ALICE, NOW } from "../../support/tokens";

const record = { user: undefined, erasure: undefined, revocation: undefined };
const grant = sampleGrant({ grantId: `${String(NOW)}.id` });

test.each<[string, number | undefined, boolean, string]>([
  ["is in use", undefined, false, "active"],
  ["is younger than what has ended", NOW - 1, false, "active"],
  ["was put back", NOW, true, "active, put back"],
])("F13: the operator sees that a grant %s", (_, endedAt, isPutBack, shown) => {
  const { json, lines } = reportStatus({ sub: ALICE, record, grant, endedAt, sessions: 0 }, {});
  const ended_at = endedAt === undefined ? null : new Date(endedAt).toISOString();
  expect(json).toMatchObject({
    refresh_token: { status: "active", ended_at, put_back: isPutBack },
  });
  expect(lines).toContain(`grant           ${shown}`);
});

test("what is granted is named, with what each opens where that is known", () => {
  const scopesOf = (scopes: readonly string[] | undefined) => {
    const status = { sub: ALICE, record, grant: { ...grant, scopes }, sessions: 0 };
    const { lines } = reportStatus({ ...status, endedAt: undefined }, { email: "one address" });
    return lines.find((line) => line.startsWith("scopes"));
  };
  expect(scopesOf(["openid", "email", "constructor"])).toBe(
    "scopes          openid; email (one address); constructor",
  );
  expect(scopesOf(undefined)).toBe("scopes          not known");
});
