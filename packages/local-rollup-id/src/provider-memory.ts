/**
 * What the local provider remembers over restarts: who it is, its keys, its people, and which
 * refresh tokens are live.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { createDurableFile, type DurableFile } from "@rollup-vault/local-aws/aws/durable-file";
import * as v from "valibot";

const family = v.object({
  sub: v.string(),
  /** `jti` of the one token that is live. */
  live: v.string(),
  /** Its predecessor, which the provider may still honour during grace. */
  previous: v.optional(v.string()),
  /** Epoch milliseconds. */
  rotatedAt: v.number(),
  revoked: v.boolean(),
});

const schema = v.object({
  port: v.number(),
  clientId: v.string(),
  clientSecret: v.string(),
  currentKid: v.string(),
  /** Private JWKs. */
  keys: v.array(v.record(v.string(), v.string())),
  /** A list, for a person may be called `constructor`. */
  people: v.array(
    v.object({ name: v.string(), sub: v.string(), unlisted: v.optional(v.boolean()) }),
  ),
  /** By the id that every `jti` of the family begins with. */
  families: v.record(v.string(), family),
});

type State = v.InferOutput<typeof schema>;
export type Family = v.InferOutput<typeof family>;

export interface Memory {
  get(): State;
  /** On disk, whole or not at all, when it returns. */
  change(change: (state: State) => Partial<State>): void;
}

/**
 * @param dataFolder absent: in memory only. The file in it is readable by its owner alone: keys and
 *   the client secret are in it.
 */
export function openMemory(dataFolder: string | undefined): Memory {
  const path = dataFolder === undefined ? undefined : join(dataFolder, "rollup-id.json");
  const file: DurableFile<State> = createDurableFile(path, schema, {
    port: 0,
    // The shapes of the real ones: 16 and 20 random bytes in hex.
    clientId: randomBytes(16).toString("hex"),
    clientSecret: randomBytes(20).toString("hex"),
    currentKid: "",
    keys: [],
    people: [],
    families: {},
  });
  return {
    get: () => file.read(),
    change: (change) => {
      const state = file.read();
      file.write({ ...state, ...change(state) });
    },
  };
}
