/**
 * A stage whose provider rotates refresh tokens: the synthesized template with its queue, consumer
 * and schedule, on real processes and engines.
 */
import { type RotatingWorld, type Rotation, startRotatingWorld } from "./rotating-world";
import { describeRestored } from "./suites/restored";
import { describeUpkeep } from "./suites/upkeep";

jest.setTimeout(120_000);

describe.each<Rotation>(["grace", "strict"])("with a provider that rotates: %s", (rotation) => {
  let running: RotatingWorld;
  const world = () => running;

  beforeAll(async () => {
    running = await startRotatingWorld(rotation);
  });

  afterAll(async () => {
    await running.close();
  });

  describeUpkeep(world);
  describeRestored(world);

  test("S36: after all of this no token, code or secret has left a trace", async () => {
    expect(await world().leaks()).toEqual({
      logLines: 0,
      logFiles: 0,
      bodies: 0,
      tables: 0,
      environments: 0,
    });
  });
});
