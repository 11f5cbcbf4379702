const { availableParallelism } = require("node:os");

// Said once for each file that loads the SDK; that the tools run on Node 20.20, too, is meant.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

// The CDK's own rules for templates take most of a synthesis. `cdk synth` asks them, and one test.
process.env.CDK_VALIDATION = "false";

// Where each construct was made: nobody looks at it here, and it takes a tenth of these tests.
process.env.CDK_DISABLE_STACK_TRACE = "true";

/** @type {import("jest").Config} */
const common = {
  testEnvironment: "<rootDir>/test/support/environment.cjs",
  transform: {
    "^.+\\.[cm]?[jt]s$": [
      "@swc/jest",
      { jsc: { target: "es2023", parser: { syntax: "typescript" } } },
    ],
  },
  // jose is published as ES modules only.
  transformIgnorePatterns: ["/node_modules/(?!(?:jose|marked)/)"],
  modulePathIgnorePatterns: [
    "<rootDir>/examples/node_modules",
    "<rootDir>/test/bench/peers/node_modules",
    "<rootDir>/cdk.out",
    "<rootDir>/.local",
    "<rootDir>/.stryker-tmp",
  ],
  // packages/client/ is an ES module, whose imports name the file that will be there once it is
  // compiled.
  moduleNameMapper: {
    "^((?:\\.{1,2}/)+(?:[a-z-]+/)*[a-z-]+)\\.js$": "$1",
    // As tsconfig.json has it: what is published is there after a build only.
    "^rollup-vault-client/([a-z]+)$": "<rootDir>/packages/client/src/$1",
  },
  restoreMocks: true,
};

/** A test of the product, or of one of its packages. */
const testsNamed = (kind) => [`<rootDir>/{test,packages/*/test}/**/*.${kind}.ts`];

/**
 * unit: no network, no AWS, no child process. integration: real processes and engines on loopback.
 * browser: a real Chromium before the real stack (`npm run test:browser`).
 * proof: samples of the proofs in `test/verification/`, too slow for every `npm test`.
 * drill: deploys to ministack by the CDK's own CLI (`npm run drill`).
 * opinion: outside judges of the local AWS and of the templates (`npm run test:opinion`).
 * providers: the whole stack beside real OpenID providers (`npm run test:providers`).
 * @type {import("jest").Config}
 */
module.exports = {
  // On two cores, too, three at once: the integration tests wait for other processes half of the
  // time.
  maxWorkers: Math.max(3, availableParallelism() - 1),
  // A busy machine is no reason to fail: what must be quick is measured in test/bench/, not here.
  testTimeout: 60_000,
  globalSetup: "<rootDir>/test/support/key-folder.cjs",
  globalTeardown: "<rootDir>/test/support/remove-key-folder.cjs",
  testSequencer: "<rootDir>/test/support/sequencer.cjs",
  reporters: ["default", "<rootDir>/packages/api-contract/src/check/reporter.cjs"],
  projects: [
    {
      ...common,
      displayName: "unit",
      testMatch: testsNamed("test"),
    },
    {
      ...common,
      displayName: "integration",
      testMatch: testsNamed("integration"),
    },
    {
      ...common,
      displayName: "browser",
      testMatch: ["<rootDir>/test/browser/**/*.browser.ts"],
    },
    {
      ...common,
      displayName: "proof",
      testMatch: testsNamed("proof"),
    },
    {
      ...common,
      displayName: "drill",
      testMatch: ["<rootDir>/test/drill/**/*.drill.ts"],
    },
    {
      ...common,
      displayName: "opinion",
      testMatch: testsNamed("opinion"),
    },
    {
      ...common,
      displayName: "providers",
      testMatch: ["<rootDir>/test/providers/*.judge.ts"],
    },
  ],
};
