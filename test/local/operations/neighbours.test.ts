/** What is broken on purpose answers in each service's own words. */
import { createNeighbours } from "../../../local/operations/neighbours";

function world({ hasQueues = true } = {}) {
  let ended = 0;
  const told: unknown[] = [];
  const neighbours = createNeighbours({
    providerUrl: () => undefined,
    endIdle: () => {
      ended += 1;
      return Promise.resolve();
    },
    hasQueues,
    functions: (troubles) => told.push(troubles),
    queues: (isEnabled) => told.push(isEnabled),
  });
  return { ...neighbours, ended: () => ended, told };
}

const call = (service: "kms" | "dynamodb" | "secretsmanager" | "sqs") => ({
  service,
  action: "Do",
});

test.each([
  ["kms", "refuses", "AccessDeniedException", 400],
  ["kms", "fails", "KMSInternalException", 500],
  ["dynamodb", "refuses", "AccessDeniedException", 400],
  ["dynamodb", "fails", "InternalServerError", 500],
  ["secretsmanager", "fails", "InternalServiceError", 500],
  ["secretsmanager", "empty", "ResourceNotFoundException", 400],
] as const)("%s %s: %s", async (service, how, name, status) => {
  const { admit, change } = world();
  await change({ [service]: how });
  expect(() => {
    admit(call(service));
  }).toThrow(expect.objectContaining({ name, status }) as Error);
  // A neighbour of it is as it was.
  admit(call("sqs"));
  await change({ [service]: null });
  admit(call(service));
});

test("instances that wait are ended, since they keep what is now broken", async () => {
  const { change, ended } = world();
  await change({ kms: "fails" });
  expect(ended()).toBe(1);
});

test.each([
  [{ functions: "killed" }, [{ areKilled: true }, true]],
  [{ functions: "throttled" }, [{ concurrency: 0 }, true]],
  [{ recovery: "off" }, [{}, false]],
])("%j is told to Lambda, and so is that it is mended", async (broken, said) => {
  const { change, told } = world();
  expect(await change(broken)).toMatchObject(broken);
  expect(told).toEqual(said);
  const mended = Object.fromEntries(Object.keys(broken).map((name) => [name, null]));
  expect(await change(mended)).toMatchObject(mended);
  expect(told.slice(2)).toEqual([{}, true]);
});

test("what a run does not have cannot be switched off", async () => {
  const { change } = world({ hasQueues: false });
  expect(await change({ recovery: "off" })).toMatchObject({ recovery: null });
});

test.each([{ kms: "explodes" }, { sqs: "fails" }, { dynamodb: "empty" }, "kms", undefined])(
  "%j is not understood, and changes nothing",
  async (wanted) => {
    const { admit, change, read, ended } = world();
    expect(await change(wanted)).toBeUndefined();
    admit(call("kms"));
    expect(ended()).toBe(0);
    const services = { kms: null, dynamodb: null, secretsmanager: null };
    const nothing = { ...services, provider: null, functions: null, recovery: null };
    expect(await read()).toEqual(nothing);
  },
);
