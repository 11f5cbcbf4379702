/** What the README shows is what is run. */
import { readFileSync } from "node:fs";

test("the caller in the README is examples/service-call.mjs, word for word, in ten lines of code", () => {
  const example = readFileSync("examples/service-call.mjs", "utf8");
  expect(readFileSync("README.md", "utf8")).toContain(`\`\`\`js\n${example}\`\`\``);
  const code = example
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("import"));
  expect(code.length).toBeLessThanOrEqual(10);
});
