import { createVaultClient } from "rollup-vault-client";

const { apiUrl, clientId, authorizationEndpoint } = await (await fetch("/settings.json")).json();
const vault = createVaultClient({
  apiUrl,
  provider: { clientId, authorizationEndpoint, redirectUri: `${location.origin}/callback` },
});

function show(name) {
  document.querySelector("[role=status]").textContent = name ? `Hello, ${name}` : "Nobody is here.";
  document.querySelector("#in").hidden = Boolean(name);
  document.querySelector("#out").hidden = !name;
}

document.querySelector("#in").onclick = () => vault.signIn();
document.querySelector("#out").onclick = () => vault.signOut();
vault.on("signed-out", () => show());

const unlessToSignIn = (error) => {
  if (error.action !== "sign_in") throw error;
};

try {
  // The same page serves /callback. After a denied sign-in the user may still be signed in from
  // before.
  await vault.completeSignIn().catch(unlessToSignIn);
  const user = await vault.user();
  show(user.claims.name ?? "stranger");
} catch (error) {
  show();
  if (error.action !== "sign_in") console.error(error.action, error.code, error.cause);
}
