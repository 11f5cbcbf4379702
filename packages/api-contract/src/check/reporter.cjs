// Fails the run when a documented response was produced by no test. Says nothing unless the whole
// integration project ran.
const { mkdtempSync, readdirSync, readFileSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const tsx = require("tsx/cjs/api");

const ROOT = join(__dirname, "../../../..");

module.exports = class ContractReporter {
  constructor(globalConfig) {
    this.isWhole = !globalConfig.testNamePattern;
    this.folder = mkdtempSync(join(tmpdir(), "contract-"));
    // Workers are started later and inherit it.
    process.env.CONTRACT_SEEN = this.folder;
  }

  onRunComplete(_contexts, { testResults }) {
    const ran = new Set(testResults.map(({ testFilePath }) => testFilePath));
    if (this.isWhole && integrationTests().every((path) => ran.has(path))) {
      const missing = this.missing();
      if (missing.length > 0) {
        const list = missing.map((promise) => `  ${promise}`).join("\n");
        this.error = new Error(
          `documented in docs/openapi.json, and produced by no test:\n${list}`,
        );
        process.stderr.write(`\n${this.error.message}\n`);
      }
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  getLastError() {
    return this.error;
  }

  missing() {
    const { promisesOf, readContract } = tsx.require("./document.ts", __filename);
    const seen = new Set(
      readdirSync(this.folder).flatMap((name) =>
        readFileSync(join(this.folder, name), "utf8").split("\n"),
      ),
    );
    return promisesOf(readContract()).filter((promise) => !seen.has(promise));
  }
};

function integrationTests() {
  const packages = readdirSync(join(ROOT, "packages")).map((name) => `packages/${name}/test`);
  return ["test", ...packages].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true })
      .filter((path) => path.endsWith(".integration.ts"))
      .map((path) => join(ROOT, folder, path)),
  );
}

module.exports.integrationTests = integrationTests;
