import { useAccount } from "./use-vault";
import { vault } from "./vault";

export function App() {
  const account = useAccount();
  switch (account.state) {
    case "loading":
      return <p>…</p>;
    case "signed-out":
      return <button onClick={() => void vault.signIn()}>Sign in</button>;
    case "failed":
      return <p role="alert">{account.error.message}</p>;
    case "signed-in":
      return (
        <p>
          Hello, {account.user.claims.name}{" "}
          <button onClick={() => void vault.signOut()}>Sign out</button>
        </p>
      );
  }
}
