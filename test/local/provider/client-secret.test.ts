import { PassThrough } from "node:stream";
import { readClientSecret } from "../../../local/provider/client-secret";

/** A terminal at which somebody types. */
function terminal(isTTY: boolean) {
  const output = new PassThrough();
  const input = Object.assign(new PassThrough(), { isTTY });
  return { input, output, shown: () => String(output.read() ?? "") };
}

test("it comes from the environment, and no child process gets it from there", async () => {
  const environment = { CLIENT_SECRET: "from the environment", OTHER: "stays" };
  expect(await readClientSecret("Keycloak", terminal(false), environment)).toBe(
    "from the environment",
  );
  expect(environment).toEqual({ OTHER: "stays" });
});

test("it is asked for at a terminal, and not shown there", async () => {
  const here = terminal(true);
  const reading = readClientSecret("Keycloak", here, {});
  here.input.write("typed secret\r");
  expect(await reading).toBe("typed secret");
  expect(here.shown()).toBe("  client secret of this app at Keycloak: \n");
});

test("without a terminal and without the variable it is one sentence", async () => {
  await expect(readClientSecret("Keycloak", terminal(false), {})).rejects.toThrow(
    /^set CLIENT_SECRET: this is no terminal at which to ask for it$/,
  );
});

test.each(["\r", "   \r", "\u0003", "\u0004"])(
  "%j at the question is one sentence",
  async (keys) => {
    const here = terminal(true);
    const reading = readClientSecret("Keycloak", here, { CLIENT_SECRET: "" });
    here.input.write(keys);
    await expect(reading).rejects.toThrow(/^no client secret was given/);
  },
);
