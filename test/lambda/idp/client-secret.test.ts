import { inspect } from "node:util";
import { ResourceNotFoundException } from "@aws-sdk/client-secrets-manager";
import { createClientSecretSource } from "../../../lambda/idp/client-secret";
import { NOW } from "../../support/tokens";

function createSource(answers: (string | undefined | Error)[]) {
  let now = NOW;
  let reads = 0;
  const client = {
    send: () => {
      const answer = answers[Math.min(reads, answers.length - 1)];
      reads += 1;
      return answer instanceof Error
        ? Promise.reject(answer)
        : Promise.resolve({ SecretString: answer });
    },
  };
  const source = createClientSecretSource({
    arn: "arn",
    client: client as never,
    clock: { now: () => now },
  });
  return {
    source,
    reads: () => reads,
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

const error = (name: string, httpStatusCode: number) =>
  Object.assign(new Error("arn:aws:secret"), { name, $metadata: { httpStatusCode } });

describe("S42: the client secret", () => {
  test("is kept for five minutes at most", async () => {
    const { source, reads, advance } = createSource(["first", "second"]);
    expect(await source.current()).toBe("first");
    advance(5 * 60_000 - 1);
    expect(await source.current()).toBe("first");
    advance(1);
    expect(await source.current()).toBe("second");
    expect(reads()).toBe(2);
  });

  test("is read past the cache when it was rejected, and what was read is kept", async () => {
    const { source, reads } = createSource(["old", "new"]);
    await source.current();
    expect(await source.reread()).toBe("new");
    expect(await source.current()).toBe("new");
    expect(reads()).toBe(2);
  });

  test("asked for by many at once is read once, and again once that read is over", async () => {
    const { source, reads } = createSource(["first", "second"]);
    const asked = [source.current(), source.current(), source.reread()];
    expect(await Promise.all(asked)).toEqual(["first", "first", "first"]);
    expect(reads()).toBe(1);
    expect(await source.reread()).toBe("second");
  });

  test("keeps serving for its five minutes when it cannot be read again, and no longer", async () => {
    const outage = error("ThrottlingException", 400);
    const { source, advance } = createSource(["first", outage]);
    await source.current();
    await expect(source.reread()).rejects.toMatchObject({ reason: "client_secret_unavailable" });
    advance(5 * 60_000 - 1);
    expect(await source.current()).toBe("first");
    advance(1);
    await expect(source.current()).rejects.toMatchObject({ reason: "client_secret_unavailable" });
  });

  test("is read anew after a read that failed", async () => {
    const { source } = createSource([new Error("socket hang up"), "second"]);
    await expect(source.current()).rejects.toMatchObject({ reason: "client_secret_unavailable" });
    expect(await source.current()).toBe("second");
  });

  test.each(["secret\n", "secret\r\n", "secret"])(
    "%j loses the newline that files end in",
    async (text) => {
      expect(await createSource([text]).source.current()).toBe("secret");
    },
  );

  test.each([
    "secret",
    " secret\t",
    "\ufeffsecret\r\n",
    "\u200bsecret\u00a0",
    '"secret"',
    "'secret'",
    ' "secret" \n',
    '{"client_secret":"secret"}',
    '{ "clientSecret" : "secret\\n" }\r\n',
    '\ufeff{"value":"secret"}',
    '{"client_id":"id","client_secret":"secret"}',
    '{"client_id":"id","client_secret":"secret","clientSecret":"secret"}',
    '{"version":1,"password":"secret"}',
  ])("put in as %j has one meaning", async (text) => {
    expect(await createSource([text]).source.current()).toBe("secret");
  });

  test.each([
    ["s p a c e", "s p a c e"],
    ["{not json", "{not json"],
    ['half"', 'half"'],
    ['"half', '"half'],
    ['"', '"'],
    ["a{b}", "a{b}"],
    ["123456", "123456"],
    // What itself looks quoted is written as a JSON string: one pair of quotes is the writer's.
    ['"\\"secret\\""', '"secret"'],
    ['"{\\"a\\":1}"', '{"a":1}'],
  ])("a secret of strange characters stays what it is: %j", async (text, expected) => {
    expect(await createSource([text]).source.current()).toBe(expected);
  });

  test.each([
    ['{"a":"x","b":"y"}', "SeveralMembers"],
    ['{"client_secret":"x","clientSecret":"y"}', "SeveralMembers"],
    ["{}", "NoText"],
    ['{"client_secret":null}', "NoText"],
    ['{"web":{"client_secret":"x"}}', "NoText"],
    ['["secret"]', "NoText"],
    ["null", "NoText"],
    ['{"client_secret":"sec', "BrokenJson"],
    ["{client_secret: secret}", "BrokenJson"],
    ['"a"b"', "BrokenJson"],
    ['{"client_secret":""}', "Empty"],
    ['""', "Empty"],
    ["''", "Empty"],
    ["sec\nret", "ControlCharacter"],
    ["sec\u0000ret", "ControlCharacter"],
    ["sec\u200bret", "ControlCharacter"],
    ["sec\ufffdret", "ControlCharacter"],
    ['"sec\\tret"', "ControlCharacter"],
    ["-----BEGIN KEY-----\nsecret\n-----END KEY-----\n", "ControlCharacter"],
  ])("%j is refused, by the name of what is wrong: %s", async (text, name) => {
    const failure = await createSource([text])
      .source.current()
      .catch((caught: unknown) => caught as Error);
    expect(failure).toMatchObject({ reason: "client_secret_malformed", cause: { name } });
    // S36: an error that is printed shows nothing of the text.
    expect(inspect(failure, { depth: null, showHidden: true })).not.toContain('secret"');
  });

  test("is read from bytes, too, as the command line may store it", async () => {
    const send = () => Promise.resolve({ SecretBinary: Buffer.from("\ufeffsecret\n") });
    const options = { arn: "arn", client: { send } as never, clock: { now: () => NOW } };
    expect(await createClientSecretSource(options).current()).toBe("secret");
  });

  test.each([
    ["", "client_secret_missing"],
    [" \n", "client_secret_missing"],
    [undefined, "client_secret_missing"],
    [
      new ResourceNotFoundException({ message: "no AWSCURRENT", $metadata: {} }),
      "client_secret_missing",
    ],
    [error("AccessDeniedException", 400), "client_secret_denied"],
    [error("DecryptionFailure", 400), "client_secret_denied"],
    [error("ThrottlingException", 400), "client_secret_unavailable"],
    [error("InternalServiceError", 500), "client_secret_unavailable"],
    [new Error("socket hang up"), "client_secret_unavailable"],
  ])("%p is told as %s", async (answer, reason) => {
    await expect(createSource([answer]).source.current()).rejects.toMatchObject({ reason });
  });
});
