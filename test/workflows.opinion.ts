/** zizmor, which knows how workflows are taken over, judges those of this repository. */
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { preparedPython } from "@rollup-vault/local-aws/testing/ministack/start-ministack";
import { ROOT } from "./support/imports";

jest.setTimeout(300_000);

const python = preparedPython("zizmor", join(__dirname, "lib", "judges"));

// Skipped, and counted as skipped, where it cannot be installed.
(python === undefined ? test.skip : test)("zizmor finds nothing that it is sure of", () => {
  const zizmor = join(dirname(python ?? ""), "zizmor");
  // Of low confidence: that setup-node caches, which version 4 does only where it is told to.
  const args = ["--offline", "--no-config", "--min-confidence", "medium", "--format", "json"];
  const { stdout } = spawnSync(zizmor, [...args, join(ROOT, ".github")], { encoding: "utf8" });
  expect(JSON.parse(stdout)).toEqual([]);
});
