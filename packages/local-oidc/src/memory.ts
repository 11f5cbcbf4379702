/**
 * What the provider remembers over restarts: who it is, its keys, its people, and the grants and
 * tokens that are live.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { createDurableFile } from "@rollup-vault/local-aws/aws/durable-file";
import * as v from "valibot";

const person = v.object({
  name: v.string(),
  id: v.string(),
  /** Not offered any more. */
  unlisted: v.optional(v.boolean()),
});

const schema = v.object({
  port: v.number(),
  clientId: v.string(),
  clientSecret: v.string(),
  /** Signs the cookies of sign-ins. */
  cookieKey: v.string(),
  /** Private JWK. */
  key: v.optional(v.record(v.string(), v.string())),
  people: v.array(person),
  /** What oidc-provider stores, by model and id. */
  entries: v.record(v.string(), v.record(v.string(), v.unknown())),
});

type State = v.InferOutput<typeof schema>;
type Person = v.InferOutput<typeof person>;

export interface Memory {
  get(): State;
  /** On disk, whole or not at all, when it returns. */
  change(change: Partial<State>): void;
  /** The same person for the same name, for as long as the data folder lives. */
  personCalled(name: string): Person;
  /** Not offered any more, until it signs in again; nobody is erased by it. */
  takeOffList(name: string): void;
}

/**
 * @param dataFolder absent: in memory only. The file in it is readable by its owner alone: keys and
 *   the client secret are in it.
 */
export function openMemory(dataFolder: string | undefined): Memory {
  const path = dataFolder === undefined ? undefined : join(dataFolder, "local-oidc.json");
  const file = createDurableFile<State>(path, schema, {
    port: 0,
    clientId: randomBytes(16).toString("hex"),
    clientSecret: randomBytes(24).toString("base64url"),
    cookieKey: randomBytes(24).toString("base64url"),
    people: [],
    entries: {},
  });
  const change = (next: Partial<State>) => {
    file.write({ ...file.read(), ...next });
  };
  return {
    get: () => file.read(),
    change,
    personCalled: (name) => {
      const { people } = file.read();
      const known = people.find((each) => each.name === name);
      if (known !== undefined && known.unlisted !== true) {
        return known;
      }
      const found = { name, id: known?.id ?? randomBytes(16).toString("hex") };
      change({ people: [...people.filter((each) => each !== known), found] });
      return found;
    },
    takeOffList: (name) => {
      const { people } = file.read();
      change({
        people: people.map((each) => (each.name === name ? { ...each, unlisted: true } : each)),
      });
    },
  };
}
