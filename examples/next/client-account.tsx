"use client";

import { useRouter } from "next/navigation";
import { createVaultClient, type VaultClient } from "rollup-vault-client";
import {
  SignedIn,
  SignedOut,
  SignInButton,
  useUser,
  VaultProvider,
} from "rollup-vault-client/react";

let made: VaultClient | undefined;

/**
 * One for the page. Only a browser calls it: a server loads this module once for all visitors, and
 * renders what is right for everybody.
 */
function vault(): VaultClient {
  made ??= createVaultClient({
    apiUrl: process.env.NEXT_PUBLIC_VAULT_API_URL ?? "",
    // The API under a path of the app's own host: no script can read the session, and the server
    // sees its cookie.
    transport: "cookie",
    provider: {
      clientId: process.env.NEXT_PUBLIC_CLIENT_ID ?? "",
      redirectUri: process.env.NEXT_PUBLIC_REDIRECT_URI ?? "",
      // Unset: Rollup ID's.
      authorizationEndpoint: process.env.NEXT_PUBLIC_AUTHORIZATION_ENDPOINT,
    },
  });
  return made;
}

export function ClientAccount() {
  const router = useRouter();
  const onReturn = (returnTo: string) => {
    const { pathname, search, hash } = new URL(returnTo);
    router.replace(pathname + search + hash);
  };
  return (
    <VaultProvider vault={vault} onReturn={onReturn}>
      <Trouble />
      <SignedOut>
        <SignInButton>Sign in</SignInButton>
      </SignedOut>
      <SignedIn>
        {(user) => (
          <button onClick={() => void vault().signOut().catch(console.error)}>
            Sign out {user.claims.name}
          </button>
        )}
      </SignedIn>
    </VaultProvider>
  );
}

/** Not to be signed in is no trouble; to have tried in vain is. */
function Trouble() {
  const { error } = useUser();
  switch (error?.code) {
    case undefined:
      return null;
    case "sign_in_denied":
      return <p role="alert">You did not sign in. Nothing was shared.</p>;
    case "state_mismatch":
      return <p role="alert">That sign-in did not begin here. Sign in again.</p>;
    default:
      return <p role="alert">{error?.message}</p>;
  }
}
