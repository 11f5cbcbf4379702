/** Each option as a person may get it wrong: said at once, by name, and never as a TypeError. */
import { createFetch } from "../src/fetch.js";
import { createVaultClient, type VaultClientOptions, VaultError } from "../src/vault-client.js";

const RIGHT = { apiUrl: "https://api.example" };
const PROVIDER = { clientId: "app", redirectUri: "https://app.example/callback" };
const STORE = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };

function thrownBy(work: () => unknown): unknown {
  try {
    work();
    return "nothing";
  } catch (error) {
    return error;
  }
}

const NO_TEXT = [5, true, null, {}, ["a"], Symbol("a"), () => "a"];
const NO_FLAG = ["yes", 1, null, {}];
const NO_NUMBER = ["2", NaN, -1, null, {}, true];
const NO_FUNCTION = ["fetch", 5, null, {}];
const NO_ADDRESS = ["foo", "/api", "localhost:4000", "ftp://api.example", "", ...NO_TEXT];

const WRONG: Readonly<Record<string, readonly unknown[]>> = {
  apiUrl: [undefined, ...NO_ADDRESS],
  provider: ["rollup-id", 5, true],
  transport: ["coookie", "", 5, null, {}],
  storage: ["disk", "", "sessionStorage", 5, true, null, {}, { ...STORE, getItem: undefined }],
  retry: ["never", 5, true],
  tabs: NO_FLAG,
  fetch: NO_FUNCTION,
  navigate: NO_FUNCTION,
};

const WRONG_OF_PROVIDER: typeof WRONG = {
  clientId: [undefined, "", ...NO_TEXT],
  redirectUri: [undefined, "", ...NO_TEXT],
  authorizationEndpoint: NO_ADDRESS,
  issuer: NO_TEXT,
  scope: NO_TEXT,
  iss: NO_FLAG,
  pkce: NO_FLAG,
  nonce: NO_FLAG,
};

const WRONG_OF_RETRY: typeof WRONG = { retries: NO_NUMBER, maxWait: NO_NUMBER };

const cases = (all: typeof WRONG, within: (one: object) => object) =>
  Object.entries(all).flatMap(([name, values]) =>
    values.map((value) => ({ name, value, options: within({ [name]: value }) })),
  );

test.each([
  ...cases(WRONG, (one) => ({ ...RIGHT, ...one })),
  ...cases(WRONG_OF_PROVIDER, (one) => ({ ...RIGHT, provider: { ...PROVIDER, ...one } })),
  ...cases(WRONG_OF_RETRY, (one) => ({ ...RIGHT, retry: one })),
])("$name: $value", ({ name, options }) => {
  const error = thrownBy(() => createVaultClient(options as VaultClientOptions));
  expect(error).toBeInstanceOf(VaultError);
  expect(error).toMatchObject({ code: "invalid_options", action: "fix_request" });
  // By its name, or by what reading it came to.
  const { message, cause } = error as VaultError;
  if (cause === undefined) {
    expect(message).toMatch(new RegExp(`^Wrong (${name}|\\w+Item)$`));
  } else {
    expect(cause).toBeInstanceOf(TypeError);
  }
});

test.each([[undefined], [null], ["https://api.example"], [5], [[]], [{}]])(
  "%j instead of options",
  (options) => {
    const error = thrownBy(() => createVaultClient(options as never));
    expect(error).toBeInstanceOf(VaultError);
    expect(error).toMatchObject({ code: "invalid_options" });
  },
);

test.each([
  {},
  { provider: PROVIDER, retry: {}, tabs: false, storage: "memory", transport: "bearer" },
  { provider: { ...PROVIDER, scope: "", issuer: "https://id.example", pkce: true, iss: false } },
  {
    provider: { ...PROVIDER, redirectUri: "org.example.app:/callback" },
    navigate: () => undefined,
  },
  { provider: { ...PROVIDER, authorizationEndpoint: "http://127.0.0.1:4001/authorize" } },
  { storage: STORE, transport: "cookie", retry: { retries: 0, maxWait: 0.5 }, fetch },
  { storage: "tab" },
  { storage: "local" },
  // As an app writes what it does not always set.
  { provider: undefined, storage: undefined, transport: undefined, tabs: undefined },
] as Partial<VaultClientOptions>[])("right: %j", (options) => {
  expect(thrownBy(() => createVaultClient({ ...RIGHT, ...options }))).toBe("nothing");
});

test.each([[undefined], [null], ["https://a.example"], [{}], [[5]], [[undefined]]])(
  "origins: %j",
  (origins) => {
    const error = thrownBy(() => createFetch(createVaultClient(RIGHT), origins as never));
    expect(error).toBeInstanceOf(VaultError);
    expect(error).toMatchObject({ code: "invalid_options", action: "fix_request" });
  },
);
