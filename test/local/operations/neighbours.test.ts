/** What is broken on purpose answers in each service's own words. */
import { createNeighbours } from "../../../local/operations/neighbours";

function world() {
  let ended = 0;
  const neighbours = createNeighbours({
    providerUrl: () => undefined,
    endIdle: () => {
      ended += 1;
      return Promise.resolve();
    },
  });
  return { ...neighbours, ended: () => ended };
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

test.each([{ kms: "explodes" }, { sqs: "fails" }, { dynamodb: "empty" }, "kms", undefined])(
  "%j is not understood, and changes nothing",
  async (wanted) => {
    const { admit, change, read, ended } = world();
    expect(await change(wanted)).toBeUndefined();
    admit(call("kms"));
    expect(ended()).toBe(0);
    const nothing = { kms: null, dynamodb: null, secretsmanager: null, provider: null };
    expect(await read()).toEqual(nothing);
  },
);
