/**
 * The longest files first. Jest knows times from earlier runs only: on a fresh clone the longest
 * of all came last, with nothing beside it.
 */
const { default: Sequencer } = require("@jest/test-sequencer");

const LONGEST = [
  "test/integration/stack.integration.ts",
  "test/lambda/use-cases/move-races-of-two.test.ts",
  "test/lambda/handlers/damaged-users.integration.ts",
  "test/lambda/handlers/damaged-grants.integration.ts",
  "test/lambda/handlers/user-data.integration.ts",
  "test/integration/lost-answers.integration.ts",
  "test/lambda/refresh/races.test.ts",
  "test/contract/contracts.integration.ts",
  "test/integration/played-presets.integration.ts",
  "test/integration/roles.integration.ts",
  "test/lib/app.integration.ts",
  "test/integration/start-command.integration.ts",
  "test/verification/faults.proof.ts",
  "test/integration/rotating.proof.ts",
  "test/browser/panel.browser.ts",
];

function rank({ path }) {
  const place = LONGEST.findIndex((file) => path.endsWith(file));
  return place === -1 ? LONGEST.length : place;
}

module.exports = class extends Sequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((one, other) => rank(one) - rank(other));
  }
};
