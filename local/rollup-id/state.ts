/** What the local provider remembers over restarts: who it is, its keys, its people, and which refresh tokens it has rotated. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import * as v from "valibot";
import { createDurableFile, type DurableFile } from "../aws/durable-file";

const family = v.object({
  sub: v.string(),
  /** `jti` of the one token that is live. */
  live: v.string(),
  /** Its predecessor, while that is still honoured (grace). */
  previous: v.optional(v.string()),
  /** Epoch milliseconds. */
  rotatedAt: v.number(),
  generation: v.number(),
  revoked: v.boolean(),
});

const schema = v.object({
  port: v.number(),
  clientId: v.string(),
  clientSecret: v.string(),
  currentKid: v.string(),
  /** Private JWKs. */
  keys: v.array(v.record(v.string(), v.string())),
  /** By name. */
  people: v.record(v.string(), v.object({ sub: v.string() })),
  /** By the `jti` that the family began with. */
  families: v.record(v.string(), family),
  /** `jti` → family. */
  memberOf: v.record(v.string(), v.string()),
});

export type State = v.InferOutput<typeof schema>;
export type Family = v.InferOutput<typeof family>;

export interface Memory {
  get(): State;
  change(change: (state: State) => Partial<State>): void;
}

export function openMemory(dataFolder: string | undefined): Memory {
  const path = dataFolder === undefined ? undefined : join(dataFolder, "rollup-id.json");
  const file: DurableFile<State> = createDurableFile(path, schema, {
    port: 0,
    // The shapes of the real ones: 16 and 20 random bytes in hex.
    clientId: randomBytes(16).toString("hex"),
    clientSecret: randomBytes(20).toString("hex"),
    currentKid: "",
    keys: [],
    people: {},
    families: {},
    memberOf: {},
  });
  return {
    get: () => file.read(),
    change: (change) => {
      const state = file.read();
      file.write({ ...state, ...change(state) });
    },
  };
}

/** The same subject for the same name, for as long as the data folder lives. */
export function personNamed(memory: Memory, name: string): { readonly sub: string } {
  const known = memory.get().people[name];
  if (known !== undefined) {
    return known;
  }
  const person = { sub: `urn:rollupid:identity/0x${randomBytes(24).toString("hex")}` };
  memory.change(({ people }) => ({ people: { ...people, [name]: person } }));
  return person;
}
