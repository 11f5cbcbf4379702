/** @type {import("jest").Config} */
const common = {
  testEnvironment: "node",
  transform: {
    "^.+\\.[cm]?[jt]s$": [
      "@swc/jest",
      { jsc: { target: "es2023", parser: { syntax: "typescript" } } },
    ],
  },
  // jose is published as ES modules only.
  transformIgnorePatterns: ["/node_modules/(?!jose/)"],
  modulePathIgnorePatterns: ["<rootDir>/cdk.out", "<rootDir>/.local", "<rootDir>/.stryker-tmp"],
  restoreMocks: true,
};

/**
 * unit: no network, no AWS, no child process. integration: real processes and engines on loopback.
 * proof: samples of the proofs in `proof/`, too slow for every `npm test`.
 * @type {import("jest").Config}
 */
module.exports = {
  // A busy machine is no reason to fail: what must be quick is measured in bench/, not here.
  testTimeout: 30_000,
  reporters: ["default", "<rootDir>/test/support/contract/reporter.cjs"],
  projects: [
    {
      ...common,
      displayName: "unit",
      testMatch: ["<rootDir>/test/**/*.test.ts"],
    },
    {
      ...common,
      displayName: "integration",
      testMatch: ["<rootDir>/test/**/*.integration.ts"],
    },
    {
      ...common,
      displayName: "proof",
      testMatch: ["<rootDir>/test/**/*.proof.ts"],
    },
  ],
};
