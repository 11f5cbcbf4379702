/**
 * Stands in for `@aws-sdk/credential-provider-node` in the bundles (lib/api-function.ts): Lambda
 * puts a function's credentials into its environment, so the chain of files, processes and metadata
 * endpoints would only make every cold start longer.
 */
import { fromEnv } from "@aws-sdk/credential-provider-env";

export const defaultProvider = fromEnv;
