import { Linking } from "react-native";
import {
  createVaultClient,
  type TextStorage,
  type User,
  type VaultClient,
  type VaultError,
} from "rollup-vault-client";

/**
 * Rollup ID has no PKCE, so use an https link that only your app can open (universal link, app
 * link) as redirect URI, never a scheme of your own. `crypto.getRandomValues` must be there
 * (react-native-get-random-values).
 * @param storage the system's secure store, e.g. expo-secure-store: `{ getItem: getItemAsync, … }`
 */
export function createAppVault(storage: TextStorage): VaultClient {
  return createVaultClient({
    apiUrl: "https://api.example",
    provider: {
      clientId: "…",
      redirectUri: "https://app.example/callback",
      // `npm start` prints that of the local run; left out: Rollup ID's.
      authorizationEndpoint: "https://id.example/authorize",
    },
    // Also of a sign-in under way: the system may have ended the app meanwhile.
    storage,
    navigate: (url) => Linking.openURL(url),
  });
}

/**
 * Call it once, when the app starts: the link may have started it anew.
 * @param onError `code` is `sign_in_denied` where the user or the provider said no
 * @returns what ends it
 */
export function onSignedIn(
  vault: VaultClient,
  listener: (user: User) => void,
  onError: (error: VaultError) => void,
): () => void {
  // Links that open the app for another reason are nothing to complete, and neither is an answer
  // that has been taken: the system gives the first link again whenever the script is loaded.
  const complete = (url: string | null) => {
    if (url !== null) {
      void vault.completeSignIn({ url }).then((completed) => {
        if (completed !== undefined) {
          listener(completed.user);
        }
      }, onError);
    }
  };
  const subscription = Linking.addEventListener("url", ({ url }) => complete(url));
  void Linking.getInitialURL().then(complete);
  return () => {
    subscription.remove();
  };
}
