/**
 * The round of a user that the run makes and erases: sign-in, grant, refresh, sessions, erasure.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Members } from "@rollup-vault/api-contract/check/document";
import { members } from "@rollup-vault/api-contract/check/document";
import { CSRF_HEADER } from "../../lambda/facts";
import type { ApiAnswer } from "./api";
import type { Check, Run } from "./check";
import type { Person, Tokens } from "./person";
import { bearer, refused } from "./refusal-checks";
import { assertThat, Failed, type Headers, need, Skipped } from "./verdict";

/** Attribute of the users that runs make: one that a run left behind may be used, and erased. */
const MARK = "rollup_vault_smoke";
/** A user is this run's own if the API made it since, by the API's own clock. */
const JUST_NOW_MS = 60_000;
/** `exchangeIntervalSeconds`, by default: a token is as good as new for that long. */
const INTERVAL_MS = 61_000;
/** ID tokens say the second in which they were issued. */
const NEXT_SECOND_MS = 1_200;
/** Above every lifetime, so that a new one is asked for. */
const NEW = { min_validity: 86_400 };

export const USER_CHECKS: readonly Check[] = [
  {
    name: "the user will be this run's own",
    run: async (run) => {
      const { api } = run;
      const person = need(run.person, `person who signs in: ${run.noPerson}`);
      if (person.kind === "code") {
        throw new Skipped("who signs in by a code is known once it is spent: POST /sessions");
      }
      const headers = bearer(person.tokens.idToken);
      const { status, body } = await api.expect([200, 404], {
        method: "GET",
        path: "/me",
        headers,
      });
      assertThat(status === 404 || isMarked(body), IN_USE);
      run.evidence = headers;
      run.own = { sub: subOf(person.tokens.idToken) };
    },
  },
  {
    name: "PUT /me makes the user",
    shows: ["PUT /me"],
    run: async (run) => {
      const { idToken } = tokensOf(run);
      const { sub } = need(run.own, OWN);
      const headers = bearer(idToken);
      const { body } = await run.api.expect([200, 201], { method: "PUT", path: "/me", headers });
      assertThat(body["sub"] === sub, "the answer is another user");
    },
  },
  {
    name: "POST /sessions signs in",
    shows: ["POST /sessions"],
    run: async (run) => {
      const person = need(run.person, "person who signs in");
      if (person.kind === "tokens") {
        need(run.own, OWN);
        run.session = sessionIn(run, await openSession(run, person.tokens));
        return;
      }
      const answer = await run.api.expect(201, {
        method: "POST",
        path: "/sessions",
        json: person.spend,
      });
      await takeOver(run, answer);
    },
  },
  {
    name: "PATCH /me merges attributes",
    shows: ["PATCH /me"],
    run: async (run) => {
      const { headers } = own(run);
      const json = { attributes: { [MARK]: new Date().toISOString() } };
      const { body } = await run.api.expect(200, { method: "PATCH", path: "/me", headers, json });
      assertThat(isMarked(body), "the attribute is not in the answer");
    },
  },
  {
    name: "GET /me is the user",
    shows: ["GET /me"],
    run: async (run) => {
      const { headers, sub } = own(run);
      const { body } = await run.api.expect(200, { method: "GET", path: "/me", headers });
      assertThat(body["sub"] === sub, "the answer is another user");
    },
  },
  {
    name: "PUT /me/refresh-token seals the refresh token",
    shows: ["PUT /me/refresh-token"],
    run: async (run) => {
      const { headers } = own(run);
      const { refreshToken } = tokensOf(run);
      const json = { refresh_token: refreshToken };
      const request = { method: "PUT", path: "/me/refresh-token", headers, json };
      const { body, text } = await run.api.expect(200, request);
      assertThat(body["status"] === "active", "the connection is not active");
      assertThat(!text.includes(refreshToken), "the answer has the refresh token");
    },
  },
  {
    name: "POST /me/access-token exchanges the refresh token",
    shows: ["POST /me/access-token"],
    run: async (run) => {
      const { headers } = own(run);
      const before = await accessTokenOfSignIn(run, headers);
      const json = before === undefined ? {} : NEW;
      const token = await accessToken(run, headers, json);
      assertThat(token !== before, "the access token is still the one of the sign-in");
      run.accessToken = token;
    },
  },
  {
    name: "POST /me/access-token keeps an access token that is good",
    run: async (run) => {
      const before = need(run.accessToken, "access token");
      const token = await accessToken(run, own(run).headers, {});
      assertThat(token === before, "another one was made although the first is good");
    },
  },
  {
    name: "GET /me/refresh-token knows of the exchange, and has no token",
    shows: ["GET /me/refresh-token"],
    run: async (run) => {
      const { headers } = own(run);
      need(run.accessToken, "access token");
      const request = { method: "GET", path: "/me/refresh-token", headers };
      const { body, text } = await run.api.expect(200, request);
      assertThat(body["status"] === "active", "the connection is not active");
      assertThat(typeof body["last_exchange_at"] === "string", "it knows of no exchange");
      assertThat(!hasSecret(run, text), "the answer has a token");
    },
  },
  {
    name: "POST /service/access-token gives a listed role the user's access token",
    shows: ["POST /service/access-token"],
    run: async (run) => {
      if (!run.deployment.hasServiceRoute) {
        throw new Skipped("the stage lists no role (serviceRoleArns)");
      }
      if (run.service === undefined) {
        throw new Skipped("say --service, with the AWS credentials of a listed role");
      }
      const before = need(run.accessToken, "access token");
      const body = JSON.stringify({ sub: own(run).sub });
      const path = "/service/access-token";
      const headers = await run.service(`${run.api.url}${path}`, body);
      const answer = await run.api.expect(200, { method: "POST", path, headers, body });
      assertThat(answer.body["access_token"] === before, "it is not the one that was kept");
    },
  },
  {
    name: "an ID token that was altered is refused",
    run: async (run) => {
      const [header = "", payload = "", signature = ""] = tokensOf(run).idToken.split(".");
      need(run.own, OWN);
      const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as object;
      const altered = JSON.stringify({ ...claims, sub: "smoke-suite" });
      const token = `${header}.${Buffer.from(altered).toString("base64url")}.${signature}`;
      await refused(run, [{ method: "GET", path: "/me" }], bearer(token));
    },
  },
  {
    name: "a refresh token is no bearer",
    run: async (run) => {
      const { refreshToken } = tokensOf(run);
      need(run.own, OWN);
      await refused(run, [{ method: "GET", path: "/me" }], bearer(refreshToken));
    },
  },
  {
    name: "an access token is no bearer",
    run: async (run) => {
      const token = need(run.accessToken, "access token");
      await refused(run, [{ method: "GET", path: "/me" }], bearer(token));
    },
  },
  {
    name: "GET /me/export has the user, and no secret",
    shows: ["GET /me/export"],
    run: async (run) => {
      const { headers, sub } = own(run);
      const request = { method: "GET", path: "/me/export", headers };
      const { body, text } = await run.api.expect(200, request);
      assertThat(body["sub"] === sub, "the export is of another user");
      assertThat(!hasSecret(run, text), "the export has a token");
    },
  },
  {
    name: "GET /sessions lists the session",
    shows: ["GET /sessions"],
    run: async (run) => {
      const { headers } = own(run);
      const { id } = need(run.session, SESSION);
      const { body } = await run.api.expect(200, { method: "GET", path: "/sessions", headers });
      const { sessions } = body;
      const ids = (Array.isArray(sessions) ? sessions : []).map((one) => members(one)["id"]);
      assertThat(ids.includes(id), "the session is not in the list");
    },
  },
  {
    name: "DELETE /sessions/{id} ends another session",
    shows: ["DELETE /sessions/{id}"],
    run: async (run) => {
      const { headers } = own(run);
      need(run.session, SESSION);
      const other = sessionIn(run, await openSession(run, tokensOf(run)));
      await run.api.expect(204, { method: "DELETE", path: `/sessions/${other.id}`, headers });
      await hasEnded(run, other.headers);
    },
  },
  {
    name: "DELETE /sessions/current signs out here",
    shows: ["DELETE /sessions/current"],
    run: async (run) => {
      need(run.session, SESSION);
      const { headers } = sessionIn(run, await openSession(run, tokensOf(run)));
      await run.api.expect(204, { method: "DELETE", path: "/sessions/current", headers });
      await hasEnded(run, headers);
    },
  },
  {
    name: "DELETE /me/refresh-token disconnects",
    shows: ["DELETE /me/refresh-token"],
    run: async (run) => {
      const { headers } = own(run);
      await run.api.expect(204, { method: "DELETE", path: "/me/refresh-token", headers });
      const path = "/me/access-token";
      const { body } = await run.api.expect(409, { method: "POST", path, headers, json: {} });
      assertThat(body["code"] === "needs_sign_in", "the refusal is not needs_sign_in");
    },
  },
  {
    name: "DELETE /sessions signs out everywhere",
    shows: ["DELETE /sessions"],
    run: async (run) => {
      const { headers } = need(run.session, SESSION);
      const { again } = personWithTokens(run);
      if (again === undefined) {
        throw new Skipped("after it, only another sign-in could erase the user");
      }
      const before = run.evidence ?? {};
      await run.api.expect(204, { method: "DELETE", path: "/sessions", headers });
      await sleep(NEXT_SECOND_MS);
      // First of all: whatever fails from here on, the user can be erased.
      run.evidence = bearer((await again()).idToken);
      delete run.session;
      await hasEnded(run, headers);
      await hasEnded(run, before);
    },
  },
  {
    name: "DELETE /me erases the user: nothing is left of this run",
    shows: ["DELETE /me"],
    always: true,
    run: async (run) => {
      const { sub } = need(run.own, `${OWN}: nothing to clean up`);
      const ways = [run.session?.headers, run.evidence].filter((way) => way !== undefined);
      const receipt = await erase(run, ways).catch((error: unknown) => {
        const why = error instanceof Failed ? error.message : "";
        const mend = `npx rollup-vault admin erase ${JSON.stringify(sub)}`;
        throw new Failed(`${why}; a user of this run is left: ${mend}`, { cause: error });
      });
      delete run.own;
      assertThat(receipt["sub"] === sub, "the receipt is of another user");
      for (const headers of ways) {
        await hasEnded(run, headers);
      }
    },
  },
];

const OWN = "user of this run";
const SESSION = "session";
const IN_USE =
  "this person has data here, which the suite would erase: sign in as a person made for it";

function own(run: Run): { readonly headers: Headers; readonly sub: string } {
  const { sub } = need(run.own, OWN);
  return { sub, headers: need(run.session?.headers ?? run.evidence, "session or ID token") };
}

function personWithTokens({ person }: Run): Extract<Person, { readonly kind: "tokens" }> {
  if (need(person, "person who signs in").kind !== "tokens") {
    throw new Skipped("it needs an ID token, and a sign-in by code leaves that with the API");
  }
  return person as Extract<Person, { readonly kind: "tokens" }>;
}

function tokensOf(run: Run): Tokens {
  return personWithTokens(run).tokens;
}

async function openSession({ api }: Run, { idToken }: Tokens): Promise<ApiAnswer> {
  const headers = bearer(idToken);
  return await api.expect(201, { method: "POST", path: "/sessions", headers, json: {} });
}

/** A session in the answer of a sign-in: as a bearer, or as the cookie of a stage with cookies. */
function sessionIn({ deployment }: Run, { body, headers }: ApiAnswer) {
  const { id, token } = members(body["session"]);
  const sessionId = String(id);
  if (typeof token === "string") {
    return { id: sessionId, headers: bearer(token) };
  }
  const [cookie = ""] = (headers.getSetCookie()[0] ?? "").split(";");
  assertThat(cookie.startsWith("__Host-"), "the answer has neither a session token nor a cookie");
  const [origin = ""] = deployment.corsOrigins ?? [];
  return { id: sessionId, headers: { cookie, origin, [CSRF_HEADER]: "1" } };
}

/** After a sign-in by code: only now it is known who that was. */
async function takeOver(run: Run, answer: ApiAnswer): Promise<void> {
  const session = sessionIn(run, answer);
  const user = members(answer.body["user"]);
  const now = Date.parse(answer.headers.get("date") ?? "");
  const isNew = Date.parse(String(user["created_at"])) > now - JUST_NOW_MS;
  if (!isNew && !isMarked(user)) {
    await run.api.send({ method: "DELETE", path: "/sessions/current", headers: session.headers });
    throw new Failed(IN_USE);
  }
  run.session = session;
  run.own = { sub: String(user["sub"]) };
}

/** Undefined where none came with the sign-in: then the first one is from an exchange. */
async function accessTokenOfSignIn(run: Run, headers: Headers): Promise<string | undefined> {
  if (run.person?.kind !== "code") {
    return run.person?.tokens.accessToken;
  }
  const kept = await accessToken(run, headers, {});
  if (!run.deployment.isLocal) {
    await sleep(INTERVAL_MS);
  }
  return kept;
}

async function accessToken({ api }: Run, headers: Headers, json: object): Promise<string> {
  const path = "/me/access-token";
  const { body } = await api.expect(200, { method: "POST", path, headers, json });
  const { access_token: token, expires_in: left } = body;
  assertThat(typeof token === "string" && token !== "", "the answer has no access token");
  assertThat(typeof left === "number" && left > 0, "the access token has expired");
  return String(token);
}

async function erase({ api }: Run, ways: readonly Headers[]): Promise<Members> {
  for (const headers of ways.slice(0, -1)) {
    const { status, body } = await api.send({ method: "DELETE", path: "/me", headers });
    if (status === 200) {
      return body;
    }
  }
  const headers = ways.at(-1) ?? {};
  return (await api.expect(200, { method: "DELETE", path: "/me", headers })).body;
}

async function hasEnded(run: Run, headers: Headers): Promise<void> {
  await refused(run, [{ method: "GET", path: "/me" }], headers);
}

function hasSecret({ person, accessToken: kept }: Run, text: string): boolean {
  const given = person?.kind === "tokens" ? Object.values<string>({ ...person.tokens }) : [];
  const tokens = kept === undefined ? given : [...given, kept];
  return tokens.some((token) => text.includes(token));
}

function isMarked(user: Members): boolean {
  return MARK in members(user["attributes"]);
}

function subOf(idToken: string): string {
  const [, payload = ""] = idToken.split(".");
  const { sub } = members(JSON.parse(Buffer.from(payload, "base64url").toString()));
  return String(sub);
}
