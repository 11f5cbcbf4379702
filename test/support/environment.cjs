/**
 * Jest's environment for Node, which leaves no AsyncLocalStorage behind. jest-circus makes two for
 * each file, and Node before 24 calls each one that was ever used at each promise: after a hundred
 * files in one worker, a test of many promises took ten times as long.
 */
const { AsyncLocalStorage } = require("node:async_hooks");

const { TestEnvironment } = require("jest-environment-node");

const used = new Set();

for (const method of ["run", "enterWith"]) {
  const original = AsyncLocalStorage.prototype[method];
  AsyncLocalStorage.prototype[method] = function (...given) {
    used.add(this);
    return original.apply(this, given);
  };
}

module.exports = class extends TestEnvironment {
  async teardown() {
    await super.teardown();
    for (const storage of used) storage.disable();
    used.clear();
  }
};
