/**
 * The provider as a process of its own, since Jest cannot load oidc-provider, which is an ES
 * module. It ends with the process that started it.
 */
import type { ObservedRequest } from "@rollup-vault/local-rollup-id/observe";
import * as v from "valibot";
import { habitsSchema } from "./habits";
import { serve } from "./serve";
import type { Told } from "./told";

const optionsSchema = v.object({
  habits: habitsSchema,
  port: v.number(),
  dataFolder: v.optional(v.string()),
  redirectUris: v.array(v.string()),
});

function tell(message: Told): void {
  process.send?.(message);
}

async function main(options: unknown): Promise<void> {
  const numbers = new WeakMap<ObservedRequest, number>();
  let last = 0;
  const { origin, clientId, clientSecret } = await serve({
    ...v.parse(optionsSchema, options),
    onRequest: (request) => {
      const number = numbers.get(request) ?? (last += 1);
      numbers.set(request, number);
      tell({ kind: "request", number, request });
    },
  });
  tell({ kind: "ready", origin, clientId, clientSecret });
}

process.once("message", (options) => {
  main(options).catch((error: unknown) => {
    const { message = "", code = "" } = error as { message?: string; code?: string };
    tell({ kind: "failed", message, code });
  });
});
process.once("disconnect", () => process.exit(0));
// Ctrl-C reaches the whole group; the parent ends this process.
process.on("SIGINT", () => undefined);
