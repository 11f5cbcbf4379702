/**
 * The client's types are those that the document generates, they compile, and a member that the
 * document renames breaks the code that reads it.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

jest.setTimeout(120_000);

const DOCUMENT = readFileSync("docs/openapi.json", "utf8");
const COMMITTED = readFileSync("packages/client/src/api-types.ts", "utf8");
const bin = (path: string) => join(__dirname, "../../../node_modules", path);

/** A frontend that reads a member of each kind of answer, and acts on a refusal. */
const FRONTEND = `import type { components, paths } from "./api-types.js";
type Schemas = components["schemas"];
type SignIn = paths["/sessions"]["post"]["responses"][201]["content"]["application/json"];
export function tokenOf(answer: SignIn): string | null {
  return answer.access_token?.access_token ?? answer.session.token;
}
export function nameOf({ claims, version }: Schemas["User"]): string {
  return \`\${claims.name ?? "?"} \${String(version)}\`;
}
export function waitFor(problem: Schemas["Problem"]): number | string {
  if (problem.code === "temporarily_unavailable") {
    return problem.retry_after;
  }
  return problem.code === "needs_sign_in" ? problem.reason : problem.action;
}
export const body: Schemas["AccessTokenRequest"] = { min_validity: 60 };
`;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "client-types-"));
  writeFileSync(join(folder, "frontend.ts"), FRONTEND);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function generate(document: string): string {
  const [input, output] = [join(folder, "openapi.json"), join(folder, "api-types.ts")];
  writeFileSync(input, document);
  execFileSync(process.execPath, [bin("openapi-typescript/bin/cli.js"), input, "--output", output]);
  return readFileSync(output, "utf8");
}

/** As `npm run client:types` leaves it. */
function formatted(types: string): string {
  const options = ["--parser", "typescript", "--print-width", "100", "--no-config"];
  return execFileSync(process.execPath, [bin("prettier/bin/prettier.cjs"), ...options], {
    input: types,
    encoding: "utf8",
  });
}

/** What the compiler says of the frontend with these types. */
function compile(types: string): string {
  writeFileSync(join(folder, "api-types.ts"), types);
  const options = ["--noEmit", "--strict", "--module", "esnext", "--moduleResolution", "bundler"];
  const file = join(folder, "frontend.ts");
  return spawnSync(process.execPath, [bin("typescript-7/bin/tsc"), ...options, file], {
    encoding: "utf8",
    // Away from this project's own settings.
    cwd: folder,
  }).stdout;
}

test("packages/client/src/api-types.ts is what docs/openapi.json generates (npm run client:types writes it)", () => {
  expect(formatted(generate(DOCUMENT)) === COMMITTED).toBe(true);
});

test("a frontend compiles with them", () => {
  expect(compile(COMMITTED)).toBe("");
});

test.each(["claims", "retry_after", "min_validity"])(
  "%s renamed in the document: the frontend does not compile any more",
  (member) => {
    const types = generate(DOCUMENT.replaceAll(`"${member}"`, `"${member}_renamed"`));
    expect(compile(types)).toContain(`'${member}'`);
  },
);
