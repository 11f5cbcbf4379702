import { createVaultClient } from "rollup-vault-client";

const { apiUrl, clientId, authorizationEndpoint } = await (await fetch("/settings.json")).json();
const vault = createVaultClient({
  apiUrl,
  provider: { clientId, authorizationEndpoint, redirectUri: `${location.origin}/callback` },
});
const TROUBLE = {
  sign_in_denied: "You did not sign in. Nothing was shared.",
  state_mismatch: "That sign-in did not begin here. Sign in again.",
};

async function show(code) {
  let trouble = code && (TROUBLE[code] ?? code);
  let user;
  try {
    user = vault.state === "signed-out" ? undefined : await vault.user();
  } catch (error) {
    // Not to be signed in is no trouble.
    trouble ??= error.action === "sign_in" ? undefined : error.code;
  }
  const name = user?.claims.name ?? "stranger";
  const greeting = user ? `Hello, ${name}` : "Nobody is here.";
  document.querySelector("[role=status]").textContent = trouble ?? greeting;
  document.querySelector("#in").hidden = Boolean(user);
  document.querySelector("#out").hidden = !user;
}

const report = (error) => show(error.code);
document.querySelector("#in").onclick = () => vault.signIn().catch(report);
document.querySelector("#out").onclick = () => vault.signOut().catch(report);
vault.on("signed-out", () => show());

try {
  // The same page serves /callback. The answer to a sign-in of its own is gone from the address.
  await vault.completeSignIn();
  const isOthers = vault.state === "signed-out" && /[?&]state=/.test(location.search);
  await show(isOthers ? "state_mismatch" : undefined);
} catch (error) {
  // After a no, somebody may still be signed in from before.
  await report(error);
}
