const { projects, testTimeout } = require("../../../jest.config.cjs");

/**
 * For Stryker: the unit tests of the mutated room and no others, so that what kills a mutant is a test that is about it.
 * @type {import("jest").Config}
 */
module.exports = {
  rootDir: "../../lambda",
  testEnvironment: require.resolve("./environment.cjs"),
  testMatch: ["<rootDir>/bundle.cjs"],
  transform: {},
  restoreMocks: projects.every((project) => project.restoreMocks),
  testTimeout,
};
