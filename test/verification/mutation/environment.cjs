const { TestEnvironment } = require("jest-environment-node");

/** One red test is enough to kill a mutant: the ones after it are passed over. */
module.exports = class FirstFailure extends TestEnvironment {
  hasFailed = false;

  async handleTestEvent(event) {
    if (event.name === "test_done" && event.test.errors.length > 0) {
      this.hasFailed = true;
    }
    if (event.name === "test_start" && this.hasFailed) {
      event.test.mode = "skip";
    }
  }
};
