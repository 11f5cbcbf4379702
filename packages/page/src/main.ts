/** Puts the page together, and finds out who is signed in. */
import { type App, createRun, SESSION_OVER } from "./app";
import { h, show } from "./dom";
import { createNotices } from "./notices";
import { lastAction } from "./panel/diagram";
import { faultsPanel } from "./panel/faults";
import { type Action, type Activity, type Call, callsOf } from "./panel/steps";
import { installRecorder, type Recorder } from "./recorder";
import { createRouter } from "./router";
import { letItRunOut } from "./run-out";
import { readSettings, type Settings } from "./settings";
import { createShell } from "./shell";
import { signOut } from "./sign-out";
import { createTokenState } from "./token-state";
import { createVault, type VaultError } from "./vault";
import { VIEWS } from "./views/views";

const SIGN_IN = "Sign in";

function start(): void {
  const settings = readSettings();
  // The page's own requests for the diagram and the fault panel are not drawn.
  const { title, faults } = settings.provider;
  const isTool = ({ origin, href }: URL) => origin === location.origin || href === faults?.url;
  const recorder = installRecorder(isTool);
  const vault = createVault(settings);
  const diagram = lastAction(settings.provider);
  const notices = createNotices(title, () => void app.signIn());
  const breaking =
    faults === undefined
      ? undefined
      : faultsPanel(title, faults, () => {
          letItRunOut(app);
        });
  const shell = createShell(settings, VIEWS, {
    notices: notices.element,
    panels: breaking === undefined ? [] : [breaking.element],
    diagram: diagram.element,
    signOut: (everywhere) => signOut(app, everywhere),
  });
  const router = createRouter(shell, () => app, breaking?.unfold);
  const run = createRun(() => app, {
    busy: shell.busy,
    acted: async () => {
      await Promise.all([drawLast(recorder, settings, diagram.draw), breaking?.refresh()]);
    },
  });
  const app: App = {
    vault,
    settings,
    recorder,
    notices,
    run,
    user: undefined,
    token: createTokenState(),
    go: router.go,
    signIn: () => signIn(app),
    signedOut: (why) => {
      app.user = undefined;
      router.signedOut();
      if (why !== undefined) {
        notices.say(why);
      }
    },
  };
  show(shell.view, h("p", { class: "loading" }, "One moment…"));
  watchOtherTabs(app);
  void begin(app, router.open);
}

/** A new document shows the answer: it needs what has been recorded so far. */
async function signIn(app: App): Promise<void> {
  app.recorder.begin(SIGN_IN);
  app.recorder.keep();
  await app.vault.signIn({ parameters: app.settings.provider.parameters });
}

/** Either the user returns from the provider, or the page is simply opened. */
async function begin(app: App, open: () => void): Promise<void> {
  const { vault, notices } = app;
  const isComingBack = location.pathname === new URL(app.settings.redirectUri).pathname;
  const onError = (error: VaultError) => {
    // A code works once; to have no session yet is no error.
    const isFinal = isComingBack || error.action === "sign_in";
    if (isFinal) {
      app.signedOut();
    }
    if (isComingBack) {
      void notices.error(error, false);
    }
    return isFinal;
  };
  const work = async () => (await vault.completeSignIn())?.user ?? (await vault.user());
  const name = isComingBack ? SIGN_IN : "Open the page";
  const user = await app.run(name, work, { onError, goesOn: isComingBack });
  if (location.pathname !== "/") {
    history.replaceState(null, "", `/${location.hash}`);
  }
  if (user !== undefined) {
    app.user = user;
    open();
  }
}

function watchOtherTabs(app: App): void {
  const { vault } = app;
  vault.on("signed-out", ({ elsewhere, reason }) => {
    const isNews = elsewhere || reason === "session_ended";
    if (isNews && app.user !== undefined) {
      app.signedOut(ELSEWHERE[reason]);
    }
  });
  // With a cookie, all tabs have the same user.
  vault.on("signed-in", ({ elsewhere, sub }) => {
    if (elsewhere && app.user?.sub !== sub) {
      location.reload();
    }
  });
}

const ELSEWHERE = {
  signed_out: "You were signed out in another tab.",
  erased: "Everything about you was erased in another tab.",
  session_ended: SESSION_OVER,
} as const;

async function readCalls(action: Action, settings: Settings): Promise<readonly Call[]> {
  const query = new URLSearchParams({ since: String(action.startedAt) });
  const response = await fetch(`/local/activity?${query.toString()}`);
  const { apiUrl, provider } = settings;
  const origins = {
    api: apiUrl,
    provider: new URL(provider.userinfoEndpoint ?? provider.issuer).origin,
  };
  return callsOf(action, (await response.json()) as readonly Activity[], origins);
}

async function drawLast(
  recorder: Recorder,
  settings: Settings,
  draw: ReturnType<typeof lastAction>["draw"],
): Promise<void> {
  const action = await recorder.current();
  if (action !== undefined) {
    // An error of the diagram is not shown: it is not part of the app.
    draw(action.name, await readCalls(action, settings).catch(() => []));
  }
}

start();
