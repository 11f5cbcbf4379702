import { readdirSync } from "node:fs";
import { createProviderDesk, type ProviderDesk } from "../../support/provider-desk";
import { json, type ProviderServer, startProviderServer } from "../../support/provider-server";
import { createTestKey } from "../../support/tokens";

let desk: ProviderDesk;
let provider: ProviderServer;

beforeEach(async () => {
  desk = createProviderDesk();
  provider = await startProviderServer("/realms/x");
});

afterEach(async () => {
  desk.close();
  await provider.close();
});

const DOCUMENT = "/.well-known/openid-configuration";
const HTML = "<!doctype html><title>Welcome</title>";

type Break = (server: ProviderServer) => unknown;

const DOCUMENTS: readonly [string, Break, string][] = [
  [
    "redirects",
    (server) => {
      server.answer(DOCUMENT, (response) => {
        response.writeHead(302, { location: `${server.issuer}/elsewhere` }).end();
      });
    },
    "the provider's discovery document redirects, and redirects are not followed: name the issuer that it leads to",
  ],
  [
    "answers HTML",
    (server) => {
      server.answer(DOCUMENT, (response) => {
        response.setHeader("content-type", "text/html").end(HTML);
      });
    },
    "the provider's discovery document is no JSON object (an HTML page, for instance): check the issuer",
  ],
  [
    "answers a JSON array",
    (server) => {
      server.answer(DOCUMENT, json([1]));
    },
    "the provider's discovery document is no JSON object (an HTML page, for instance): check the issuer",
  ],
  [
    "closes the connection",
    (server) => {
      server.answer(DOCUMENT, (response) => response.destroy());
    },
    "the provider's discovery document cannot be reached: check the address, the network and the certificate",
  ],
  [
    "answers more than 64 KB",
    (server) => {
      server.answer(DOCUMENT, json({ issuer: "x".repeat(70_000) }));
    },
    "the provider's discovery document is larger than 64 KB",
  ],
  [
    "answers 404",
    (server) => {
      server.answer(DOCUMENT, (response) => response.writeHead(404).end("{}"));
    },
    "the provider's discovery document does not exist (404): check the issuer, and its path",
  ],
  [
    "answers 500",
    (server) => {
      server.answer(DOCUMENT, (response) => response.writeHead(500).end("{}"));
    },
    "the provider's discovery document was answered with an error: try again, or ask the provider",
  ],
  [
    "lacks an endpoint",
    (server) => {
      server.say({ token_endpoint: undefined });
    },
    "the discovery document lacks issuer, authorization_endpoint, token_endpoint or jwks_uri",
  ],
  [
    "names another issuer",
    (server) => {
      server.say({ issuer: "https://login.example/{tenantid}/v2.0" });
    },
    "the discovery document names another issuer: use the one that the provider writes into its tokens, with your own tenant in it",
  ],
  [
    "names another issuer by a slash",
    (server) => {
      server.say({ issuer: `${server.issuer}/` });
    },
    "the discovery document names this issuer with another ending: add the slash at its end, or leave it out",
  ],
  [
    "names an issuer in other letters",
    (server) => {
      server.say({ issuer: server.issuer.replace("realms", "Realms") });
    },
    "the discovery document names another issuer: use the one that the provider writes into its tokens, with your own tenant in it",
  ],
  ...(
    [
      ["authorization_endpoint", "http://login.example/authorize"],
      ["token_endpoint", "http://login.example/token"],
      ["token_endpoint", "https://login.example/token#"],
      ["token_endpoint", "https://user@login.example/token"],
      ["jwks_uri", "http://login.example/jwks"],
      ["userinfo_endpoint", "https://login.example/me#x"],
      ["revocation_endpoint", "ftp://login.example/"],
      ["end_session_endpoint", "javascript:alert(1)"],
    ] as const
  ).map(([name, url]): [string, Break, string] => [
    `has ${url} as ${name}`,
    (server) => {
      server.say({ [name]: url });
    },
    "the discovery document names an endpoint that is not https, or has user info or a fragment",
  ]),
  [
    "has no code flow",
    (server) => {
      server.say({ response_types_supported: ["id_token"] });
    },
    "the provider does not list the response type code",
  ],
  [
    "has no refresh grant",
    (server) => {
      server.say({ grant_types_supported: ["authorization_code"] });
    },
    "the provider does not list the grant type refresh_token",
  ],
  [
    "signs with a secret only",
    (server) => {
      server.say({ id_token_signing_alg_values_supported: ["HS256", "none"] });
    },
    "the provider signs ID tokens only with algorithms that are not supported here",
  ],
  [
    "has no key for what it lists",
    (server) => {
      server.say({ id_token_signing_alg_values_supported: ["RS256"] });
    },
    "the key set has no usable key for an algorithm that the provider lists",
  ],
  [
    "has keys for encryption only",
    (server) => {
      const { publicJwk } = createTestKey("a", "ES256");
      server.serveKeys([{ ...publicJwk, use: "enc" }]);
    },
    "the key set has no usable key for an algorithm that the provider lists",
  ],
  [
    "has private keys only",
    (server) => {
      const { publicJwk } = createTestKey("a", "ES256");
      server.serveKeys([{ ...publicJwk, d: publicJwk["x"] }]);
    },
    "the key set has no usable key for an algorithm that the provider lists",
  ],
  [
    "has more keys than the verifier takes",
    (server) => {
      const { publicJwk } = createTestKey("a", "ES256");
      server.serveKeys(Array.from({ length: 101 }, () => publicJwk));
    },
    "the key set has no usable key for an algorithm that the provider lists",
  ],
  [
    "redirects from its key set",
    (server) => {
      server.answer("/jwks", (response) => response.writeHead(307, { location: "/x" }).end());
    },
    "the provider's key set redirects, and redirects are not followed: name the issuer that it leads to",
  ],
  [
    "has no key set",
    (server) => {
      server.answer("/jwks", (response) => response.writeHead(404).end());
    },
    "the provider's key set does not exist (404): check the issuer, and its path",
  ],
];

test.each(DOCUMENTS)(
  "a provider that %s is refused in one sentence, and nothing is written",
  async (_, breakIt, sentence) => {
    breakIt(provider);
    const { code, out, err } = await desk.run([provider.issuer, "--write"]);
    expect({ code, out, err }).toEqual({ code: 1, out: "", err: `${sentence}\n` });
    expect(desk.recorded()).toBe("{}\n");
    expect(readdirSync(desk.folder)).toEqual(["providers.json"]);
  },
);

const QUERY =
  "the issuer must have no query and no fragment (OpenID Connect Discovery 1.0 section 3)";
const URL_WORDS =
  "the issuer must be an https URL without user info (plain http only on this machine)";

test.each([
  ["https://login.example/?tenant=x", QUERY],
  ["https://login.example/?", QUERY],
  ["https://login.example/#x", QUERY],
  ["http://login.example", URL_WORDS],
  ["https://user:secret@login.example", URL_WORDS],
  ["https://*.login.example", URL_WORDS],
  ["login.example", URL_WORDS],
  ["https://login.example/\u001b[2J", URL_WORDS],
])("%j is no issuer, and nothing is asked", async (issuer, sentence) => {
  const { code, out, err } = await desk.run([issuer, "--write"]);
  expect({ code, out, err }).toEqual({ code: 1, out: "", err: `${sentence}\n` });
  expect(desk.recorded()).toBe("{}\n");
});

test("a provider that is not there is refused in one sentence", async () => {
  const gone = await startProviderServer();
  await gone.close();
  const { code, err } = await desk.run([gone.issuer, "--write"]);
  expect([code, err]).toEqual([
    1,
    "the provider's discovery document cannot be reached: check the address, the network and the certificate\n",
  ]);
  expect(desk.recorded()).toBe("{}\n");
});

test("a provider that is slow is refused in one sentence, and nothing is written", async () => {
  const hasty = createProviderDesk(50);
  provider.answer(DOCUMENT, (response) => response.write("{"));
  const { code, out, err } = await hasty.run([provider.issuer, "--write"]);
  const sentence = "the provider's discovery document did not come in time\n";
  expect({ code, out, err }).toEqual({ code: 1, out: "", err: sentence });
  expect(hasty.recorded()).toBe("{}\n");
  hasty.close();
});

test("a redirect is not followed", async () => {
  provider.answer(DOCUMENT, (response) => {
    response.writeHead(301, { location: `${provider.issuer}/other` }).end();
  });
  await desk.run([provider.issuer]);
  expect(provider.requests).toEqual(["GET /realms/x/.well-known/openid-configuration"]);
});

test.each([
  [["--preset", "keycloak"], "Keycloak", "/realms/x/"],
  [["--preset", "okta"], "Okta", "/realms/x"],
])(
  "an issuer that %j does not have is refused before anything is asked",
  async (more, title, path) => {
    const issuer = provider.issuer.replace("/realms/x", path);
    const { code, out, err } = await desk.run([issuer, ...more, "--write"]);
    expect([code, out, provider.requests]).toEqual([1, "", []]);
    expect(err).toMatch(
      new RegExp(`^this is no issuer of ${title}.*; write it like https://\\S+\\n$`),
    );
  },
);

test.each([
  [[], "name the provider's issuer, or a stage by --check or --token\n", 1],
  [["https://x.example", "--preset", "nobody"], "", 2],
  [["https://x.example", "--write", "--check"], "", 2],
  [["https://x.example", "--token", "eyJh"], "", 2],
])("%j is told what is missing", async (args, sentence, expected) => {
  const { code, out, err } = await desk.run(args);
  expect([code, out]).toEqual([expected, ""]);
  expect(err).toContain(sentence);
  expect(err).not.toBe("");
});
