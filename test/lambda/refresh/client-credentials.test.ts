/** The refresh protocol with a client that signs an assertion for each request. */
import { InternalError, UnavailableError } from "../../../lambda/errors";
import type { ClientAuthentication, ClientCredentials } from "../../../lambda/ports/provider";
import { failure } from "../../support/exchange-failures";
import { createWorld, type WorldOptions } from "../../support/exchange-world";

/** @param failures of the next signatures */
function createSigner(failures: (Error | undefined)[] = []) {
  const signed: string[] = [];
  const clientAuthentication: ClientAuthentication = {
    prepare: () => {
      const problem = failures.shift();
      if (problem !== undefined) {
        return Promise.reject(problem);
      }
      signed.push(`assertion-${String(signed.length + 1)}`);
      return Promise.resolve({ fields: { client_assertion: signed.at(-1) ?? "" } });
    },
    renew: () => Promise.resolve(undefined),
  };
  return { signed, clientAuthentication };
}

const assertions = (seen: readonly ClientCredentials[]) =>
  seen.map(({ fields }) => fields["client_assertion"]);

async function createSigningWorld(
  options: WorldOptions = {},
  failures: (Error | undefined)[] = [],
) {
  const { signed, clientAuthentication } = createSigner(failures);
  return { signed, world: await createWorld({ ...options, clientAuthentication }) };
}

test("S59: each refresh has an assertion of its own, and a cached token none", async () => {
  const { world, signed } = await createSigningWorld({ exchangeIntervalSeconds: 0 });
  await world.get();
  await world.get();
  await world.get({ minValiditySeconds: 86_400 });
  expect(assertions(world.tokenEndpoint.credentialsSeen)).toEqual(["assertion-1", "assertion-2"]);
  expect(signed).toHaveLength(2);
});

test("a rejected assertion is the operator's fault: sent once, and the grant is kept", async () => {
  const { world, signed } = await createSigningWorld();
  world.tokenEndpoint.next({ outcome: { kind: "client_rejected" } });
  const error = await failure(world.get());
  expect(error).toBeInstanceOf(InternalError);
  expect(error).toMatchObject({ reason: "client_rejected" });
  expect(world.tokenEndpoint.presented).toHaveLength(1);
  expect(signed).toHaveLength(1);
  expect(await world.grant()).toMatchObject({ status: "active" });
  world.time.advance(60_000);
  expect((await world.get()).accessToken).toBe("access-token-1");
});

test.each([new UnavailableError("client_key_unavailable"), new InternalError("client_key_denied")])(
  "S41: %s before the lease: nothing is sent, and the row is as it was",
  async (problem) => {
    const { world } = await createSigningWorld({}, [problem]);
    const before = await world.grant();
    expect(await failure(world.get())).toBe(problem);
    expect(world.tokenEndpoint.presented).toEqual([]);
    expect(await world.grant()).toEqual(before);
    expect((await world.get()).accessToken).toBe("access-token-1");
  },
);

test("S59: a revocation that follows a refresh has an assertion of its own", async () => {
  const { world } = await createSigningWorld({ rotation: "strict" });
  world.tokenEndpoint.during(() => world.disconnect());
  expect(await failure(world.get())).toMatchObject({ reason: "disconnected" });
  expect(world.tokenEndpoint.revoked).toEqual(["refresh-token-0"]);
  expect(assertions(world.tokenEndpoint.credentialsSeen)).toEqual(["assertion-1", "assertion-2"]);
});

test("a revocation that cannot be signed for is left out, and costs the caller nothing", async () => {
  const denied = new InternalError("client_key_denied");
  const { world } = await createSigningWorld({ rotation: "strict" }, [undefined, denied]);
  world.tokenEndpoint.during(() => world.disconnect());
  expect(await failure(world.get())).toMatchObject({ reason: "disconnected" });
  expect(world.tokenEndpoint.revoked).toEqual([]);
});
