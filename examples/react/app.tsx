import {
  SignedIn,
  SignedOut,
  SignInButton,
  useAccessToken,
  useUser,
  VaultProvider,
} from "rollup-vault-client/react";
import { vault } from "./vault";

export function App() {
  return (
    <VaultProvider vault={vault}>
      <Trouble />
      <SignedOut>
        <SignInButton>Sign in</SignInButton>
      </SignedOut>
      <SignedIn>{(user) => <Account name={user.claims.name ?? "stranger"} />}</SignedIn>
    </VaultProvider>
  );
}

function Account({ name }: { readonly name: string }) {
  // For calls of the provider; renewed before it runs out.
  const { accessToken, error } = useAccessToken();
  return (
    <>
      <p>Hello, {name}</p>
      <p>{accessToken ? "There is an access token." : (error?.message ?? "…")}</p>
      <button onClick={() => void vault.signOut().catch(console.error)}>Sign out</button>
    </>
  );
}

/** Not to be signed in is no trouble; to have tried in vain is. */
function Trouble() {
  const { error, reload } = useUser();
  switch (error?.code) {
    case undefined:
      return null;
    case "sign_in_denied":
      return <p role="alert">You did not sign in. Nothing was shared.</p>;
    case "state_mismatch":
      return <p role="alert">That sign-in did not begin here. Sign in again.</p>;
    default:
      return (
        <p role="alert">
          {error?.message} <button onClick={() => void reload()}>Try again</button>
        </p>
      );
  }
}
