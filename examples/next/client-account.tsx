"use client";

import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { createVaultClient, VaultError, type User, type VaultClient } from "rollup-vault-client";

let made: VaultClient | undefined;

/**
 * One for the page. The first call makes it, and only a browser makes that call: a server loads
 * this module once for all visitors.
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

/** After a denied sign-in or a refused code the user may still be signed in from before. */
function unlessToSignIn(error: VaultError): undefined {
  if (error.action !== "sign_in") {
    throw error;
  }
}

export function ClientAccount() {
  const router = useRouter();
  const [user, setUser] = useState<User>();
  useEffect(() => {
    void (async () => {
      try {
        const completed = await vault().completeSignIn().catch(unlessToSignIn);
        if (completed?.returnTo !== undefined) {
          const { pathname, search } = new URL(completed.returnTo);
          router.replace(pathname + search);
        }
        setUser(completed?.user ?? (await vault().user()));
      } catch (error) {
        if (!(error instanceof VaultError && error.action === "sign_in")) {
          throw error;
        }
      }
    })();
    return vault().on("signed-out", () => {
      setUser(undefined);
    });
  }, [router]);
  return user === undefined ? (
    <button onClick={() => void vault().signIn()}>Sign in</button>
  ) : (
    <button onClick={() => void vault().signOut()}>Sign out {user.claims.name}</button>
  );
}
