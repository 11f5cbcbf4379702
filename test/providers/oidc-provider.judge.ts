import { describeColumn } from "./column";
import { JOURNEY } from "./journey";
import { startOidcProvider } from "./oidc-provider";
import { OIDC_PROVIDER } from "./prepared";

describeColumn({
  source: OIDC_PROVIDER,
  start: startOidcProvider,
  table: "journey",
  steps: JOURNEY,
});
