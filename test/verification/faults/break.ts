/** Causes the fault of a case and repairs it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { SignedIn } from "../kills/providers/provider";
import { askForToken, connect } from "./caller";
import type { FaultCase } from "./fault-case";
import type { FaultWorld } from "./world";

export interface Broken {
  /** The first caller during the fault. */
  readonly asker: SignedIn;
  readonly mend: () => Promise<void> | void;
}

const ATTEMPTS = 5;
const PAUSE_MS = 2_000;

export async function breakIt(world: FaultWorld, { break: wanted }: FaultCase): Promise<Broken> {
  const { aws, deployment } = world.stack;
  const user = await connected(world);
  switch (wanted.kind) {
    case "token":
      await world.programme({ add_token: [{ ...wanted.fault, sub: user.sub }] });
      return { asker: user, mend: () => undefined };
    case "aws":
      if (wanted.service === "secretsmanager") {
        await world.beginAnew();
      }
      return { asker: user, mend: world.breakAws(wanted, user.sub) };
    case "key_disabled": {
      const arn = deployment.outputs["GrantKeyArn"] ?? "";
      await aws.disableKey(arn);
      return { asker: user, mend: () => aws.enableKey(arn) };
    }
    case "wrong_secret":
      return { asker: user, mend: await storeWrongSecret(world) };
    case "key_set_down":
      return await takeKeySetDown(world);
    case "key_rolled_over":
      await learnKeySet(world);
      await world.programme({ keys: "rotate_before_signing" });
      return { asker: await connected(world), mend: () => undefined };
  }
}

/** Cases that disturb others or are disturbed by them. */
export function isAlone({ break: wanted }: FaultCase): boolean {
  return wanted.kind !== "token" && !(wanted.kind === "aws" && wanted.everybody !== true);
}

/**
 * @returns a function that stores the right secret again; a process that has read the wrong one
 *   keeps it
 */
async function storeWrongSecret(world: FaultWorld): Promise<() => Promise<void>> {
  const { aws, deployment, outputs } = world.stack;
  await aws.putSecretValue(deployment.clientSecretName ?? "", "of another client");
  await world.beginAnew();
  return () => aws.putSecretValue(deployment.clientSecretName ?? "", outputs.clientSecret);
}

/**
 * A process looks for one new key in half a minute, so the caller must be one that has not looked
 * recently.
 */
async function learnKeySet(world: FaultWorld): Promise<SignedIn> {
  await world.beginAnew();
  const user = await connected(world);
  await expectServed(world, user);
  return user;
}

async function takeKeySetDown(world: FaultWorld): Promise<Broken> {
  const user = await learnKeySet(world);
  await world.programme({ keys: "rotate" });
  const asker = await connected(world);
  await world.programme({ jwks: "down" });
  // A token of a known key is accepted throughout.
  await expectServed(world, user);
  return { asker, mend: () => world.programme({ jwks: "ok" }) };
}

/** Retries: a busy machine may be too slow for a cold start, which is not what is measured. */
async function connected(world: FaultWorld): Promise<SignedIn> {
  for (let left = ATTEMPTS - 1; ; left -= 1) {
    try {
      const user = await world.provider.signIn();
      await connect(world, user);
      return user;
    } catch (error) {
      if (left === 0) {
        throw error;
      }
      await sleep(PAUSE_MS);
    }
  }
}

async function expectServed(world: FaultWorld, user: SignedIn): Promise<void> {
  const { status } = await askForToken(world, user);
  if (status !== 200) {
    throw new Error(`POST /me/access-token answers ${status} beside a fault of others`);
  }
}
