import { readFileSync } from "node:fs";
import { compose, DOCUMENT } from "./report";

test("docs/reliability.md is what the results say, and names what has not been measured", () => {
  expect(readFileSync(DOCUMENT, "utf8")).toBe(compose());
});
