/** Users as they are after a while: signed in, with a refresh token and a kept access token. */
import type { Nodes } from "../nodes";
import type { Bed, Candidate } from "./bed";
import { newAccessToken, openSession, putMe, putRefreshToken } from "./events";
import { assertAll, type Batch, startInstance } from "./instance";

/** As Rollup ID writes them. */
export function subOf(number: number): string {
  return `urn:rollupid:identity/0x${number.toString(16).padStart(48, "0")}`;
}

/** More make a history no longer (lambda/grant/history.ts). */
const FULL_HISTORY = 22;

interface Seeded {
  readonly bed: Bed;
  readonly nodes: Nodes;
  readonly candidate: Candidate;
  readonly subs: readonly string[];
}

/** By the candidate's own functions. @param exchanges of each user */
export async function seed(
  { subs, ...world }: Seeded,
  exchanges: number = FULL_HISTORY,
): Promise<void> {
  const idTokens = subs.map((sub) => world.bed.provider.idToken(sub));
  const each = (event: (idToken: string) => object) => idTokens.map(event);
  await run(world, "Users", each(putMe));
  await run(world, "Sessions", each(openSession));
  await connect({ subs, ...world });
  const rounds = Array.from({ length: exchanges }, () => each(newAccessToken));
  await run(world, "AccessToken", rounds.flat());
}

/** The refresh token alone, and nothing kept yet. */
export async function connect({ subs, ...world }: Seeded): Promise<void> {
  const { provider } = world.bed;
  const events = subs.map((sub) =>
    putRefreshToken(provider.idToken(sub), provider.refreshToken(sub)),
  );
  await run(world, "RefreshToken", events);
}

async function run(
  { bed, nodes, candidate }: Omit<Seeded, "subs">,
  label: string,
  events: Batch["events"],
): Promise<void> {
  const instance = startInstance(nodes[24].path, bed.deployed(candidate, label));
  try {
    assertAll(await instance.run({ events }), 200, 201);
  } finally {
    await instance.close();
  }
}
