/**
 * The real stack beside a provider that rotates refresh tokens and lets unused ones lapse; its
 * rows can be put into the past.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Answer } from "@rollup-vault/local-aws/testing/http-exchange";
import type { LedgerPage } from "@rollup-vault/local-rollup-id/ledger";
import type { IdpSettings } from "../../lambda/env";
import type { ActiveGrant, Grant } from "../../lambda/grant/grant";
import { createDueAt } from "../../lambda/grant/phase";
import { createProfile } from "../../lambda/idp/profile";
import { createGrantStore } from "../../lambda/store/grant-store";
import { asActive } from "../support/exchange-world";
import { type AdminCommand, createAdminCommand } from "./admin-command";
import { FAST_ENGINE, startWorld, type Tokens, type World } from "./world";

export type Rotation = "grace" | "strict";

export interface Person extends Tokens {
  readonly sub: string;
  readonly session: string;
}

export interface RotatingWorld extends World {
  readonly rotation: Rotation;
  readonly command: AdminCommand;
  /** Somebody new, with a session and a stored refresh token. */
  connect(name: string, scope?: string): Promise<Person>;
  /** An access token that nobody had before. */
  freshToken(person: Person): Promise<Answer>;
  grant(sub: string): Promise<Grant>;
  /** As the functions write it, with what the sweeper finds it by. */
  /** Of an active grant. */
  change(sub: string, change: (grant: ActiveGrant) => Grant): Promise<void>;
  /** An erasure that has begun counts as begun a while ago. */
  ageErasure(sub: string): Promise<void>;
  /** Refresh tokens of this subject that the provider took and answered with new ones. */
  exchanges(sub: string): Promise<number>;
}

export const IDLE_SECONDS = 86_400;
/** Above the lifetime of any token here. */
const MIN_VALIDITY = 86_400;
/** What is younger than a minute may still be under way. */
const LONG_AGO_MS = 120_000;

export async function startRotatingWorld(rotation: Rotation): Promise<RotatingWorld> {
  const world = await startWorld({
    ...FAST_ENGINE,
    // One process for each function: what it keeps of the operator's switch is seen by the next
    // call.
    concurrency: 1,
    // Asking for more than any token lives is how another exchange is made here.
    limits: { exchangeIntervalSeconds: 0 },
    idp: {
      profile: "oidc",
      refreshTokenFormat: "jwt",
      clientAuthentication: "client_secret_post",
      refreshTokenRotation: rotation,
      refreshTokenIdleSeconds: IDLE_SECONDS,
    },
  });
  await world.programme({ rotation, refusals: "oauth" });
  const { outputs } = world.stack;
  const { region, credentials, tables } = outputs;
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({ endpoint: outputs.endpoints.dynamodb, region, credentials }),
    { marshallOptions: { removeUndefinedValues: true } },
  );
  const dueAt = createDueAt(createProfile(outputs.idpSettings as unknown as IdpSettings));
  const grants = createGrantStore({ table: tables.refreshTokens, client, dueAt });
  const command = await createAdminCommand(outputs);

  const grant = async (sub: string): Promise<Grant> => {
    const found = await grants.read(sub);
    if (found === undefined) {
      throw new Error("there is no such grant");
    }
    return found;
  };

  return {
    ...world,
    rotation,
    command,
    grant,
    connect: async (name, scope) => await connect(world, name, scope),
    freshToken: async ({ session }) =>
      await world.call({
        method: "POST",
        path: "/me/access-token",
        bearer: session,
        json: { min_validity: MIN_VALIDITY },
      }),
    change: async (sub, change) => {
      const { written } = await grants
        .read(sub)
        .then((found) => grants.write(change(asActive(found!)), found!.revision));
      expect(written).toBe(true);
    },
    ageErasure: async (sub) => {
      await client.send(
        new UpdateCommand({
          TableName: tables.users,
          Key: { sub },
          ConditionExpression: "attribute_exists(erasing)",
          UpdateExpression: "SET erasedAt = :at",
          ExpressionAttributeValues: { ":at": new Date(Date.now() - LONG_AGO_MS).toISOString() },
        }),
      );
    },
    exchanges: async (sub) => await countExchanges(outputs.issuer, sub),
    close: async () => {
      client.destroy();
      await command.close();
      await world.close();
    },
  };
}

async function connect(world: World, name: string, scope?: string): Promise<Person> {
  const tokens = await world.signIn(name, scope);
  const { status, body } = await world.call({
    method: "POST",
    path: "/sessions",
    bearer: tokens.idToken,
    json: { refresh_token: tokens.refreshToken },
  });
  expect(status).toBe(201);
  return { ...tokens, session: String(body.session.token), sub: String(body.user.sub) };
}

async function countExchanges(issuer: string, sub: string): Promise<number> {
  const response = await fetch(`${issuer}/ledger?${new URLSearchParams({ sub }).toString()}`);
  const { processed } = (await response.json()) as LedgerPage;
  return processed.filter(
    ({ grant_type: grant, outcome }) => grant === "refresh_token" && outcome === "issued",
  ).length;
}

/** For what others do in their own time: looks again until it is so. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 60_000;
  while (!(await holds())) {
    expect(Date.now()).toBeLessThan(giveUpAt);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
