import { useEffect, useState } from "react";
import { VaultError, type User } from "rollup-vault-client";
import { vault } from "./vault";

export type Account =
  | { readonly state: "loading" | "signed-out" }
  | { readonly state: "signed-in"; readonly user: User }
  | { readonly state: "failed"; readonly error: VaultError };

/** After a denied sign-in or a refused code the user may still be signed in from before. */
function unlessToSignIn(error: VaultError): undefined {
  if (error.action !== "sign_in") {
    throw error;
  }
}

async function load(): Promise<Account> {
  try {
    const completed = await vault.completeSignIn().catch(unlessToSignIn);
    return { state: "signed-in", user: completed?.user ?? (await vault.user()) };
  } catch (error) {
    if (!(error instanceof VaultError)) {
      throw error;
    }
    return error.action === "sign_in" ? { state: "signed-out" } : { state: "failed", error };
  }
}

export function useAccount(): Account {
  const [account, setAccount] = useState<Account>({ state: "loading" });
  useEffect(() => {
    let isThere = true;
    const reload = () => {
      // Strict mode calls twice; the client makes one sign-in of it.
      void load().then((loaded) => {
        if (isThere) {
          setAccount(loaded);
        }
      });
    };
    reload();
    const stops = [vault.on("signed-in", reload), vault.on("signed-out", reload)];
    return () => {
      isThere = false;
      for (const stop of stops) {
        stop();
      }
    };
  }, []);
  return account;
}
