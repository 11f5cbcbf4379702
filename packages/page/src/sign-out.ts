import type { App } from "./app";

export async function signOut(app: App, everywhere: boolean): Promise<void> {
  const name = everywhere ? "Sign out everywhere" : "Sign out";
  const done = await app.run(name, async () => {
    await app.vault.signOut({ everywhere });
    return true;
  });
  if (done) {
    history.replaceState(null, "", "/");
    app.signedOut(everywhere ? "You are signed out everywhere." : "You are signed out here.");
  }
}
