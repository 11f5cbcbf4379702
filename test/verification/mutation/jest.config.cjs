const { projects, testTimeout } = require("../../../jest.config.cjs");

/**
 * For Stryker: only the unit tests of the mutated room, so that a test about it finds the mutant.
 * @type {import("jest").Config}
 */
module.exports = {
  rootDir: "../../../.local/mutation",
  testEnvironment: require.resolve("./environment.cjs"),
  testMatch: [`<rootDir>/${process.env.MUTATED_ROOM}-tests.cjs`],
  transform: {},
  restoreMocks: projects.every((project) => project.restoreMocks),
  testTimeout,
};
