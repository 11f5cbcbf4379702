import * as v from "valibot";
import { ForbiddenError } from "../../../lambda/errors";
import { serviceBody } from "../../../lambda/http/access-token-dto";
import { createEndpoint, serviceRoute } from "../../../lambda/http/endpoint";
import { requireListedRole } from "../../../lambda/http/service-role";
import { createRollupIdentity } from "../../../lambda/idp/profiles/rollup-identity";
import { httpEvent, lambdaContext } from "../../support/events";
import { createLogDouble } from "../../support/exchange-world";
import { ALICE, NOW } from "../../support/tokens";

const ROLES = [
  "arn:aws:iam::123456789012:role/jobs/Nightly",
  "arn:aws:iam::123456789012:role/Sync",
];
const NIGHTLY = "arn:aws:sts::123456789012:assumed-role/Nightly/session-1";

describe("which role a caller has taken on", () => {
  test("is told by account and name: an assumed role's ARN has no path", () => {
    expect(requireListedRole(NIGHTLY, ROLES)).toBe(ROLES[0]);
    expect(requireListedRole("arn:aws:sts::123456789012:assumed-role/Sync/x", ROLES)).toBe(
      ROLES[1],
    );
    const china = "arn:aws-cn:sts::123456789012:assumed-role/Sync/x";
    expect(requireListedRole(china, ["arn:aws-cn:iam::123456789012:role/Sync"])).toContain(
      "aws-cn",
    );
  });

  test.each([
    undefined,
    "",
    "arn:aws:sts::123456789012:assumed-role/Other/session",
    "arn:aws:sts::999999999999:assumed-role/Nightly/session",
    "arn:aws:sts::123456789012:assumed-role/jobs/Nightly/session",
    "arn:aws:sts::123456789012:assumed-role/nightly/session",
    "arn:aws:sts::123456789012:assumed-role/Nightly",
    "arn:aws:iam::123456789012:role/jobs/Nightly",
    "arn:aws:iam::123456789012:user/Nightly",
    "arn:aws:iam::123456789012:root",
    "arn:aws:sts::123456789012:federated-user/Nightly",
    `x${NIGHTLY}`,
    `${NIGHTLY}\n`,
  ])("is refused for %p", (userArn) => {
    expect(() => requireListedRole(userArn, ROLES)).toThrow(new ForbiddenError("unlisted_role"));
  });

  test("is refused for everybody where no role is listed", () => {
    expect(() => requireListedRole(NIGHTLY, [])).toThrow(ForbiddenError);
  });
});

describe("a route for roles", () => {
  function createApi() {
    const calls: unknown[] = [];
    const { log, lines } = createLogDouble();
    const handler = createEndpoint({
      routes: {
        "POST /service/access-token": serviceRoute({
          roles: ROLES,
          body: serviceBody(createRollupIdentity({}).idToken.subPattern),
          handle: ({ roleArn, body }) => {
            calls.push({ roleArn, body });
            return Promise.resolve({ status: 200, body: {} });
          },
        }),
      },
      authenticate: () => Promise.reject(new Error("never asked")),
      logger: log,
      clock: { now: () => NOW },
    });
    return {
      calls,
      lines,
      call: async (userArn: string | undefined, body: unknown, headers = {}) => {
        const event = httpEvent("POST /service/access-token", {
          headers: { "content-type": "application/json", ...headers },
          body: JSON.stringify(body),
        });
        const authorizer = userArn === undefined ? {} : { authorizer: { iam: { userArn } } };
        const requestContext = { ...event.requestContext, ...authorizer };
        const answer = await handler({ ...event, requestContext }, lambdaContext);
        return [answer.statusCode, v.parse(v.string(), answer.body ?? "")] as const;
      },
    };
  }

  test("hands over the role as it is listed, and the subject asked for", async () => {
    const api = createApi();
    await api.call(NIGHTLY, { sub: ALICE, min_validity: 300 });
    expect(api.calls).toEqual([
      { roleArn: ROLES[0], body: { sub: ALICE, min_validity: 300, required_scopes: [] } },
    ]);
  });

  test("believes nothing but what API Gateway says: no header, no body", async () => {
    const api = createApi();
    const headers = { authorization: "Bearer token", "x-amz-user-arn": NIGHTLY };
    const body = { sub: ALICE, requestContext: { authorizer: { iam: { userArn: NIGHTLY } } } };
    const [status, answer] = await api.call(undefined, body, headers);
    expect([status, JSON.parse(answer)]).toMatchObject([
      403,
      { code: "access_denied", action: "contact_operator", retryable: false },
    ]);
    expect(answer).not.toContain("arn:");
    expect(api.calls).toEqual([]);
  });

  test.each([
    [{}],
    [{ sub: "" }],
    [{ sub: "alice" }],
    [{ sub: 1 }],
    [{ sub: [ALICE] }],
    [{ sub: `${ALICE}\n` }],
    [{ sub: "\u00a7issuance" }],
    [{ sub: ALICE, min_validity: -1 }],
    [{ sub: ALICE, user: ALICE }],
  ])("refuses %p", async (body) => {
    const api = createApi();
    expect((await api.call(NIGHTLY, body))[0]).toBe(400);
    expect(api.calls).toEqual([]);
  });
});
