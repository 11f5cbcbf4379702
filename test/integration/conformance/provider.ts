/**
 * An OpenID provider that misbehaves as one test of OpenID's conformance suite demands, and is
 * right in all else: it holds the client to its secret, its code, its redirect URI and its code
 * verifier.
 */
import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import {
  createTestIssuer,
  createTestKey,
  encode,
  signHs256,
  type TestKey,
} from "../../support/tokens";

type Json = Readonly<Record<string, unknown>>;

/** What is not as it should be. */
export interface Behaviour {
  /** Claims of the ID token that differ; undefined: left out. */
  readonly claims?: Json;
  /** The same for the ID token of a refresh. */
  readonly refreshedClaims?: Json;
  readonly alg?: "RS256" | "ES256";
  readonly signature?: "damaged" | "none" | "HS256";
  /** Which keys are published from now on, and the time when they are. */
  readonly keys?: "one without kid" | "several without kid" | "new" | "new as it signs";
  readonly userinfo?: Json;
}

interface AuthorizationRequest {
  readonly nonce: string;
  readonly codeChallenge: string;
  readonly redirectUri: string;
}

interface TokenRequest {
  readonly authorization: string | undefined;
  readonly form: Json;
}

export interface MisbehavingProvider {
  readonly issuer: string;
  /** The client that it knows. */
  register(clientId: string, clientSecret: string): void;
  behave(behaviour: Behaviour): void;
  /** Returns a code, as for a person who has agreed. */
  authorize(request: AuthorizationRequest): string;
  /** Newest last. */
  readonly tokenRequests: readonly TokenRequest[];
  /** `Authorization` of the userinfo requests, newest last. */
  readonly userinfoRequests: readonly (string | undefined)[];
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: Json;
}

export const SUBJECT = "conformance|0001";
const LIFETIME_SECONDS = 300;
const SPARE_KEYS = 6;
const SCOPE = "openid profile email offline_access";
const REFUSED: Answer = { status: 400, body: { error: "invalid_grant" } };

export async function startMisbehavingProvider(): Promise<MisbehavingProvider> {
  const tokenRequests: TokenRequest[] = [];
  const userinfoRequests: (string | undefined)[] = [];
  const codes = new Map<string, AuthorizationRequest>();
  const tokens = new Set<string>();
  const { sign } = createTestIssuer();
  // Made beforehand: a busy machine takes longer for an RSA key than the product waits for tokens.
  const spare = Array.from({ length: SPARE_KEYS }, (_, at) => createTestKey(`rsa-${at}`, "RS256"));
  const foreign = [createTestKey("foreign", "RS256"), createTestKey("foreign", "ES256")];
  let published: TestKey[] = [...spare.splice(0, 1), createTestKey("ec-1", "ES256")];
  let behaviour: Behaviour = {};
  let hasKids = true;
  let client = { id: "", secret: "" };
  let issuer = "";

  function publish(): void {
    const fresh = spare.splice(0, 1);
    published = behaviour.keys === "several without kid" ? [...published, ...fresh] : fresh;
  }

  function idToken(nonce: string | undefined, differing: Json | undefined): string {
    const { alg = "RS256", signature, keys } = behaviour;
    if (keys === "new as it signs") {
      publish();
    }
    const iat = Math.floor(Date.now() / 1000);
    const times = { iat, exp: iat + LIFETIME_SECONDS };
    const claims = { iss: issuer, sub: SUBJECT, aud: client.id, nonce, ...times, ...differing };
    const key = published.filter((one) => one.alg === alg).at(-1)!;
    const header = { alg, typ: "JWT", ...(hasKids && { kid: key.kid }) };
    switch (signature) {
      case "none":
        return `${encode(JSON.stringify({ alg: "none" }))}.${encode(JSON.stringify(claims))}.`;
      case "HS256":
        return signHs256({ alg: "HS256", typ: "JWT" }, claims, client.secret);
      case "damaged":
        return sign(
          header,
          claims,
          foreign.find((one) => one.alg === alg),
        );
      case undefined:
        return sign(header, claims, key);
    }
  }

  function issue(nonce: string | undefined, differing: Json | undefined): Answer {
    const [accessToken, refreshToken] = [randomBytes(24), randomBytes(24)].map((bytes) =>
      bytes.toString("base64url"),
    );
    tokens.add(accessToken!).add(refreshToken!);
    return {
      status: 200,
      body: {
        access_token: accessToken,
        refresh_token: refreshToken,
        id_token: idToken(nonce, differing),
        token_type: "Bearer",
        expires_in: LIFETIME_SECONDS,
        scope: SCOPE,
      },
    };
  }

  function exchange(form: Record<string, string>): Answer {
    const { grant_type: grant, code = "", refresh_token: refreshToken = "" } = form;
    if (grant === "refresh_token") {
      return tokens.delete(refreshToken) ? issue(undefined, behaviour.refreshedClaims) : REFUSED;
    }
    const asked = codes.get(code);
    const challenge = createHash("sha256").update(form["code_verifier"] ?? "");
    const isRight =
      asked?.redirectUri === form["redirect_uri"] &&
      asked?.codeChallenge === challenge.digest("base64url");
    return codes.delete(code) && isRight ? issue(asked.nonce, behaviour.claims) : REFUSED;
  }

  function isClient(authorization: string | undefined): boolean {
    const pair = `${encodeURIComponent(client.id)}:${encodeURIComponent(client.secret)}`;
    return authorization === `Basic ${Buffer.from(pair).toString("base64")}`;
  }

  async function answer(request: IncomingMessage): Promise<Answer> {
    const { authorization } = request.headers;
    switch (request.url) {
      case "/jwks":
        return { status: 200, body: { keys: published.map((key) => jwkOf(key, hasKids)) } };
      case "/token": {
        const form = Object.fromEntries(new URLSearchParams(await text(request)));
        tokenRequests.push({ authorization, form });
        return isClient(authorization)
          ? exchange(form)
          : { status: 401, body: { error: "invalid_client" } };
      }
      case "/userinfo":
        userinfoRequests.push(authorization);
        return tokens.has(authorization?.slice("Bearer ".length) ?? "")
          ? { status: 200, body: { sub: SUBJECT, ...behaviour.userinfo } }
          : { status: 401, body: { error: "invalid_token" } };
      default:
        return { status: 404, body: {} };
    }
  }

  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;

  return {
    issuer,
    tokenRequests,
    userinfoRequests,
    register: (id, secret) => {
      client = { id, secret };
    },
    behave: (next) => {
      behaviour = next;
      hasKids = !(next.keys?.endsWith("without kid") ?? false);
      if (next.keys !== undefined && next.keys !== "new as it signs") {
        publish();
      }
    },
    authorize: (request) => {
      const code = randomBytes(16).toString("base64url");
      codes.set(code, request);
      return code;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function jwkOf({ publicJwk }: TestKey, hasKid: boolean): Json {
  const { kid, ...others } = publicJwk;
  return { use: "sig", ...others, ...(hasKid && { kid }) };
}
