import { dataFolderFor, readFlags, readResourceUrl } from "../../local/start-options";

test.each([
  "https://api.example/graphql",
  "http://127.0.0.1:4010/graphql",
  "http://localhost:4010/things?of=mine",
])("%s may be sent an access token", (url) => {
  expect(readResourceUrl(url)).toBe(url);
});

test.each([
  "http://api.example/graphql",
  "http://127.0.0.1.api.example/",
  "https://name:word@api.example/",
  "ftp://127.0.0.1/",
  "javascript:alert(1)",
  "/graphql",
  "api.example",
])("%s may not, and the sentence names the variable", (url) => {
  expect(() => readResourceUrl(url)).toThrow(/^RESOURCE_URL must be an https URL/);
});

const ISSUER = "http://127.0.0.1:8080/realms/x";

test.each([
  [[], {}],
  [["--preset", "rollup"], {}],
  [["--preset", "auth0"], { preset: "auth0" }],
  [["--issuer", ISSUER, "--client-id", "app"], { outside: { issuer: ISSUER, clientId: "app" } }],
  [
    "--issuer i --client-id app --preset zitadel --trusted-audience one --trusted-audience two".split(
      " ",
    ),
    {
      outside: {
        issuer: "i",
        clientId: "app",
        preset: "zitadel",
        trustedAudiences: ["one", "two"],
      },
    },
  ],
])("%j means the provider %j", (args, provider) => {
  expect(readFlags(args).provider).toEqual(provider);
});

test.each([
  [["--issuer", ISSUER], "--issuer needs --client-id, from the provider's console"],
  [["--issuer", ISSUER, "--client-id", ""], "--issuer needs --client-id"],
  [["--client-id", "app"], "--client-id needs --issuer"],
  [["--trusted-audience", "one"], "--trusted-audience needs --issuer"],
  [["--preset", "auth1"], "--preset must be one of rollup, auth0, entra"],
  [["--preset"], "'--preset <value>' argument missing"],
  [["--client-secret", "s"], "Unknown option '--client-secret'"],
])("%j is one sentence", (args, sentence) => {
  const flags = () => readFlags(args);
  expect(flags).toThrow(sentence);
  expect(flags).toThrow(/ \(npm start -- --help lists the flags\)$/);
});

test("each provider and each client has a data folder of its own", () => {
  const outside = { issuer: ISSUER, clientId: "app" };
  const folders = [
    dataFolderFor({}),
    dataFolderFor({ preset: "auth0" }),
    dataFolderFor({ preset: "okta" }),
    dataFolderFor({ outside }),
    dataFolderFor({ outside: { ...outside, clientId: "other" } }),
    dataFolderFor({ outside: { ...outside, issuer: `${ISSUER}/` } }),
  ];
  expect(new Set(folders).size).toBe(folders.length);
  expect(folders[0]).toMatch(/\.local\/data$/);
  expect(folders[3]).toMatch(/\.local\/providers\/127\.0\.0\.1-8080-[0-9a-f]{12}$/);
  // It is the same provider, whatever preset it is taken for.
  expect(dataFolderFor({ outside: { ...outside, preset: "keycloak" } })).toBe(folders[3]);
});
