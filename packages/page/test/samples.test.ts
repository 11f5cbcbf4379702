import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Contract, type Operation, operationsOf } from "../src/docs/contract";
import { curlOf, typescriptOf } from "../src/docs/samples";

const path = join(__dirname, "../../..", "docs", "openapi.json");
const contract = JSON.parse(readFileSync(path, "utf8")) as Contract;
const operations = operationsOf(contract);
const API = "http://127.0.0.1:4000";
const find = (id: string): Operation => operations.find((each) => each.id === id)!;

test("every operation has one sample in each language, with every place filled", () => {
  for (const operation of operations) {
    const samples = [curlOf(operation, API), typescriptOf(operation, API)];
    expect(samples.join("\n")).not.toMatch(/undefined|\{id\}/);
    expect(samples.every((text) => text.includes(API))).toBe(true);
  }
});

test("curl: the session as a variable of the shell, the body within quotes", () => {
  expect(curlOf(find("getAccessToken"), API)).toBe(
    [
      `curl -X POST '${API}/me/access-token' \\`,
      '  -H "authorization: Bearer $SESSION" \\',
      "  -H 'content-type: application/json' \\",
      `  -d '{"min_validity":300}'`,
    ].join("\n"),
  );
});

test("curl: a quote in a body does not end it", () => {
  const body = { isRequired: true, example: { text: "it's" } };
  expect(curlOf({ ...find("getAccessToken"), body }, API)).toContain(
    String.raw`-d '{"text":"it'\''s"}'`,
  );
});

test("TypeScript: with the contract's type of the answer", () => {
  expect(typescriptOf(find("getAccessToken"), API)).toBe(
    [
      'import type { components } from "rollup-vault-client/api-types";',
      "",
      `const response = await fetch("${API}/me/access-token", {`,
      '  method: "POST",',
      '  headers: { authorization: `Bearer ${session}`, "content-type": "application/json" },',
      "  body: JSON.stringify({",
      "    min_validity: 300",
      "  }),",
      "});",
      'const answer = (await response.json()) as components["schemas"]["AccessToken"];',
    ].join("\n"),
  );
});

test("what a backend asks is signed for AWS in both", () => {
  const operation = find("getServiceAccessToken");
  expect(curlOf(operation, API)).toContain('--aws-sigv4 "aws:amz:$AWS_REGION:execute-api"');
  expect(typescriptOf(operation, API)).toContain("await aws.fetch(");
});

test("what anybody may ask has no credential", () => {
  expect(curlOf(find("getHealth"), API)).toBe(`curl '${API}/health'`);
});
