/** Before and after a whole run of jest: the folder of its RSA keys (rsa-keys.ts). */
const { mkdtempSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

module.exports = function setUp() {
  process.env.RSA_KEY_FOLDER = mkdtempSync(join(tmpdir(), "rollup-vault-test-keys-"));
};

module.exports.tearDown = function tearDown() {
  rmSync(process.env.RSA_KEY_FOLDER, { recursive: true });
};
