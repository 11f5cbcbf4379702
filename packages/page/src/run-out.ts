import type { App } from "./app";

/** The token counts as expired from now on; the view of it renews it, as at its real end. */
export function letItRunOut(app: App): void {
  const { shown } = app.token;
  app.token.wantsNew = true;
  if (shown !== undefined) {
    const token = { ...shown.token, expires_at: new Date().toISOString() };
    app.token.shown = { ...shown, token, isStuck: false };
  }
  app.go("token");
}
