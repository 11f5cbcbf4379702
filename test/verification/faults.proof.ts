/** Every fault of a neighbour with the real bundles: the cases of `npm run proof:faults`. */
import { CASES } from "./faults/cases";
import type { FaultProvider } from "./faults/fault-case";
import type { FaultResult } from "./faults/result";
import { runFaults } from "./faults/run";

jest.setTimeout(300_000);

const PROVIDERS: readonly FaultProvider[] = ["none", "grace", "strict"];
const casesOf = (provider: FaultProvider) =>
  CASES.filter(({ providers }) => providers.includes(provider));

let results: readonly FaultResult[];

beforeAll(async () => {
  const runs = PROVIDERS.map((provider) => runFaults(provider, casesOf(provider)));
  results = (await Promise.all(runs)).flat();
});

describe.each(PROVIDERS)("a provider of rotation %s", (provider) => {
  test.each(casesOf(provider).map(({ neighbour, fault }) => [neighbour, fault]))(
    "S48: %s: %s: the caller gets the right answer, nothing is lost in silence, and it works again in time",
    (neighbour, fault) => {
      const result = results.find(
        (one) => one.provider === provider && one.neighbour === neighbour && one.fault === fault,
      );
      expect(result?.violations).toEqual([]);
    },
  );
});
