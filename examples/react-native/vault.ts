import { Linking } from "react-native";
import {
  createVaultClient,
  type TextStorage,
  type User,
  type VaultError,
} from "rollup-vault-client";

/**
 * Rollup ID has no PKCE, so use an https link that only your app can open (universal link, app
 * link) as redirect URI, never a scheme of your own. `crypto.getRandomValues` must be there
 * (react-native-get-random-values).
 * @param storage the system's secure store, e.g. expo-secure-store: `{ getItem: getItemAsync, … }`
 */
export function createAppVault(storage: TextStorage) {
  return createVaultClient({
    apiUrl: "https://api.example",
    provider: {
      clientId: "…",
      redirectUri: "https://app.example/callback",
      // `npm start` prints that of the local run; left out: Rollup ID's.
      authorizationEndpoint: "https://id.example/authorize",
    },
    storage,
    navigate: (url) => Linking.openURL(url),
  });
}

/** @returns what ends it */
export function onSignedIn(
  vault: ReturnType<typeof createAppVault>,
  listener: (user: User) => void,
  onError: (error: VaultError) => void,
): () => void {
  const subscription = Linking.addEventListener("url", ({ url }) => {
    // Links that open the app for another reason are nothing to complete.
    void vault.completeSignIn({ url }).then((completed) => {
      if (completed !== undefined) {
        listener(completed.user);
      }
    }, onError);
  });
  return () => {
    subscription.remove();
  };
}
