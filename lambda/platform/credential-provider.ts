/**
 * Replaces `@aws-sdk/credential-provider-node` in the bundles (lib/bundling.ts). Lambda puts a
 * function's credentials into its environment; the default chain of files, processes and metadata
 * endpoints would only make cold starts longer.
 */
import { fromEnv } from "@aws-sdk/credential-provider-env";

export const defaultProvider = fromEnv;
