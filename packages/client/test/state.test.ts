/** What is known without a request, who is told of it, and who waits for whom. */
import {
  accessToken,
  createBrowser,
  held,
  json,
  mapStorage,
  PAGE,
  settle,
  signedIn,
  signIn,
  type Tab,
  unauthorized,
  userOf,
} from "./browser-double.js";

const gone = () => new Response(null, { status: 204 });
const world = () =>
  createBrowser({
    "POST /sessions": () => json(signedIn("ada"), 201),
    "GET /me": () => json(userOf("ada")),
    "POST /me/access-token": () => json(accessToken()),
    "DELETE /sessions/current": gone,
  });

function heardBy({ client }: Tab): string[] {
  const states: string[] = [];
  client.onChange((state) => states.push(state));
  return states;
}

/** To the provider and back, with an answer that nobody has taken yet. */
async function comeBack(tab: Tab): Promise<void> {
  await tab.client.signIn();
  const state = new URL(tab.page.location.href).searchParams.get("state") ?? "";
  tab.page.location.href = `${PAGE}callback?code=c&state=${state}`;
}

describe("the state", () => {
  test("is there at once, by what the storage says, and without a request", async () => {
    const browser = world();
    const tab = browser.open();
    expect(tab.client.state).toBe("signed-out");
    await signIn(browser, tab, "ada");
    expect(tab.client.state).toBe("signed-in");
    const before = browser.sent.length;
    expect(browser.open({}, tab.storage).client.state).toBe("signed-in");
    expect(browser.open().client.state).toBe("signed-out");
    expect(browser.open({ storage: "memory" }, tab.storage).client.state).toBe("signed-out");
    expect(browser.sent).toHaveLength(before);
  });

  test.each(["", "{", "null", "5", "{}", '{"sub":"urn:ada"}'])(
    "is signed out where the storage holds %j",
    (text) => {
      const storage = mapStorage();
      storage.setItem("rollup-vault.https-api-example", text);
      expect(world().open({}, storage).client.state).toBe("signed-out");
    },
  );

  test("is signing in from the call of completeSignIn to its end, and each change is told once", async () => {
    const browser = world();
    const tab = browser.open();
    const states = heardBy(tab);
    await comeBack(tab);
    const { respond, release } = held();
    browser.routes["POST /sessions"] = respond;
    const completing = tab.client.completeSignIn();
    expect(tab.client.state).toBe("signing-in");
    await settle();
    release(json(signedIn("ada"), 201));
    await completing;
    expect(tab.client.state).toBe("signed-in");
    await tab.client.user();
    await tab.client.signOut();
    expect(states).toEqual(["signing-in", "signed-in", "signed-out"]);
  });

  test("is signed out again after a no", async () => {
    const tab = world().open();
    const states = heardBy(tab);
    await comeBack(tab);
    tab.page.location.href = tab.page.location.href.replace("code=c", "error=access_denied");
    await expect(tab.client.completeSignIn()).rejects.toMatchObject({ code: "sign_in_denied" });
    expect(states).toEqual(["signing-in", "signed-out"]);
  });

  test("is not known while a storage takes its time, and then it is told", async () => {
    const inner = mapStorage();
    const browser = world();
    const first = browser.open({}, inner);
    await signIn(browser, first, "ada");
    const storage = {
      getItem: (key: string) => Promise.resolve(inner.getItem(key)),
      setItem: async (key: string, value: string) => {
        inner.setItem(key, value);
      },
      removeItem: async (key: string) => {
        inner.removeItem(key);
      },
    };
    const tab = browser.open({ storage });
    const states = heardBy(tab);
    expect(tab.client.state).toBe("unknown");
    await settle();
    expect(states).toEqual(["signed-in"]);
    const empty = browser.open({ storage: { ...storage, getItem: () => Promise.resolve(null) } });
    await settle();
    expect(empty.client.state).toBe("signed-out");
  });

  test("with a cookie is the API's to tell", async () => {
    const browser = world();
    const [one, other] = [
      browser.open({ transport: "cookie" }),
      browser.open({ transport: "cookie" }),
    ];
    expect(one.client.state).toBe("unknown");
    await one.client.user();
    expect(one.client.state).toBe("signed-in");
    browser.routes["GET /me"] = unauthorized;
    await expect(other.client.user()).rejects.toMatchObject({ code: "invalid_token" });
    expect(other.client.state).toBe("signed-out");
  });

  test("is told no more to who has stopped listening", async () => {
    const browser = world();
    const tab = browser.open();
    const listener = jest.fn();
    tab.client.onChange(listener)();
    await signIn(browser, tab, "ada");
    expect(listener).not.toHaveBeenCalled();
  });
});

describe("while a sign-in is being completed", () => {
  test.each(["user", "accessToken", "connection", "sessions"] as const)(
    "%s waits for it",
    async (name) => {
      const browser = world();
      browser.routes["GET /me/refresh-token"] = () => json({ status: "active" });
      browser.routes["GET /sessions"] = () => json({ sessions: [] });
      const tab = browser.open();
      await comeBack(tab);
      const { respond, release } = held();
      browser.routes["POST /sessions"] = respond;
      const completing = tab.client.completeSignIn();
      const asked = tab.client[name]();
      await settle();
      expect(browser.sent.map(({ route }) => route)).toEqual(["POST /sessions"]);
      release(json(signedIn("ada"), 201));
      await completing;
      expect(await asked).toBeDefined();
    },
  );

  test("who signs out then is signed out after it", async () => {
    const browser = world();
    const tab = browser.open();
    await comeBack(tab);
    await Promise.all([tab.client.completeSignIn(), tab.client.signOut()]);
    expect(tab.client.state).toBe("signed-out");
    expect(browser.requests("DELETE /sessions/current")).toHaveLength(1);
  });

  test("a no ends the waiting, each call with its own answer", async () => {
    const browser = world();
    const tab = browser.open();
    await signIn(browser, tab, "ada");
    await comeBack(tab);
    browser.routes["POST /sessions"] = unauthorized;
    const completing = tab.client.completeSignIn();
    const asked = tab.client.user();
    await expect(completing).rejects.toMatchObject({ code: "invalid_token" });
    expect(await asked).toMatchObject({ sub: "urn:ada" });
  });

  test("a signal ends the waiting with its own reason", async () => {
    const browser = world();
    const tab = browser.open();
    await comeBack(tab);
    browser.routes["POST /sessions"] = held().respond;
    void tab.client.completeSignIn();
    const stop = new AbortController();
    const asked = tab.client.accessToken({ signal: stop.signal });
    stop.abort(new Error("unmounted"));
    await expect(asked).rejects.toThrow("unmounted");
  });
});

describe("user()", () => {
  test("is one request for all who ask at once, and another one for who asks later", async () => {
    const browser = world();
    const tab = browser.open();
    await signIn(browser, tab, "ada");
    const all = await Promise.all([tab.client.user(), tab.client.user(), tab.client.user()]);
    expect(all.map(({ sub }) => sub)).toEqual(["urn:ada", "urn:ada", "urn:ada"]);
    expect(browser.requests("GET /me")).toHaveLength(1);
    await tab.client.user();
    expect(browser.requests("GET /me")).toHaveLength(2);
  });

  test("one caller's signal is not the others'", async () => {
    const browser = world();
    const tab = browser.open();
    await signIn(browser, tab, "ada");
    const { respond, release } = held();
    browser.routes["GET /me"] = respond;
    const stop = new AbortController();
    const first = tab.client.user({ signal: stop.signal });
    const other = tab.client.user();
    await settle();
    stop.abort(new Error("unmounted"));
    await expect(first).rejects.toThrow("unmounted");
    release(json(userOf("ada")));
    expect(await other).toMatchObject({ sub: "urn:ada" });
    expect(browser.requests("GET /me")).toHaveLength(1);
  });

  test("a fresh one is a request of its own", async () => {
    const browser = world();
    browser.routes["GET /me?fresh=true"] = () => json({ ...userOf("ada"), fresh: {} });
    const tab = browser.open();
    await signIn(browser, tab, "ada");
    const [plain, fresh] = await Promise.all([tab.client.user(), tab.client.user({ fresh: true })]);
    expect([plain, fresh].map((user) => "fresh" in user)).toEqual([false, true]);
  });

  test("what was asked before a change is not the answer to who asks after it", async () => {
    const browser = world();
    const tab = browser.open();
    await signIn(browser, tab, "ada");
    const { respond, release } = held();
    browser.routes["GET /me"] = respond;
    const before = tab.client.user();
    await settle();
    browser.routes["PATCH /me"] = () => json({ ...userOf("ada"), version: 2 });
    await tab.client.updateAttributes({ theme: "dark" });
    browser.routes["GET /me"] = () => json({ ...userOf("ada"), version: 2 });
    expect(await tab.client.user()).toMatchObject({ version: 2 });
    release(json(userOf("ada")));
    expect(await before).toMatchObject({ version: 1 });
  });

  test("the one of the user before is not the answer to who has signed in since", async () => {
    const browser = world();
    const tab = browser.open();
    await signIn(browser, tab, "ada");
    const { respond, release } = held();
    browser.routes["GET /me"] = respond;
    const before = tab.client.user();
    await settle();
    await signIn(browser, tab, "bob");
    browser.routes["GET /me"] = () => json(userOf("bob"));
    expect(await tab.client.user()).toMatchObject({ sub: "urn:bob" });
    release(json(userOf("ada")));
    await before;
  });
});

describe('storage "local"', () => {
  /** Tabs of one browser: each has a sessionStorage, and all have one localStorage. */
  function tabsOf(browser = world(), locals = mapStorage()) {
    const open = () => browser.open({ storage: "local" }, mapStorage(), { locals });
    return { browser, locals, open };
  }

  test("a new tab is signed in, and so is a browser that was started again", async () => {
    const { browser, locals, open } = tabsOf();
    const tab = open();
    await signIn(browser, tab, "ada");
    expect(tab.storage).toHaveLength(0);
    expect(open().client.state).toBe("signed-in");
    const restarted = tabsOf(world(), locals).open();
    expect(restarted.client.state).toBe("signed-in");
    expect(await restarted.client.user()).toMatchObject({ sub: "urn:ada" });
  });

  test("signing in and out in one tab is so in the others, without a request of theirs", async () => {
    const { browser, open } = tabsOf();
    const [one, other] = [open(), open()];
    const states = heardBy(other);
    const events: string[] = [];
    other.client.on("signed-in", ({ elsewhere }) => events.push(`in ${String(elsewhere)}`));
    other.client.on("signed-out", ({ elsewhere }) => events.push(`out ${String(elsewhere)}`));
    await signIn(browser, one, "ada");
    await settle();
    await one.client.signOut();
    await settle();
    expect(states).toEqual(["signed-in", "signed-out"]);
    expect(events).toEqual(["in true", "out true"]);
    expect(browser.sent.filter(({ tab }) => tab === 2)).toEqual([]);
  });

  test("a message that comes before what the other tab has written is not all that counts", async () => {
    const { browser, locals, open } = tabsOf();
    const one = open();
    // Tabs in processes of their own: the storage of one lags behind the other's.
    const late = mapStorage();
    const other = browser.open({ storage: "local" }, mapStorage(), { locals: late });
    const states = heardBy(other);
    await signIn(browser, one, "ada");
    await settle();
    expect(states).toEqual([]);
    const key = locals.key(0) ?? "";
    late.setItem(key, locals.getItem(key) ?? "");
    other.tellOfWriting();
    await settle();
    expect(states).toEqual(["signed-in"]);
  });

  test("what is under way to the provider stays in its tab", async () => {
    const { locals, open } = tabsOf();
    const tab = open();
    await tab.client.signIn();
    expect(tab.storage).toHaveLength(1);
    expect(locals).toHaveLength(0);
  });
});
