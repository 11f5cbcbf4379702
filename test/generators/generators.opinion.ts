/**
 * The contract, read by generators of clients that other people wrote, in two languages: they take
 * it whole, and what they make of it runs.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { preparedPython } from "@rollup-vault/local-aws/testing/ministack/start-ministack";
import { ROOT } from "../support/imports";

jest.setTimeout(600_000);

const DOCUMENT = join(ROOT, "docs", "openapi.json");
const METHODS = ["get", "put", "post", "patch", "delete"];

interface Contract {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const { paths } = JSON.parse(readFileSync(DOCUMENT, "utf8")) as Contract;
const operations = Object.values(paths).flatMap((path) =>
  Object.keys(path).filter((name) => METHODS.includes(name)),
);
// Says loudly where it cannot be had.
const python = preparedPython("openapi-python-client", __dirname);
const withPython = python === undefined ? test.skip : test;

const RECEIPT = {
  sub: `urn:rollupid:identity/0x${"a".repeat(64)}`,
  erased_at: "2026-01-06T12:00:00.000Z",
  erased: ["user", "refresh_token", "sessions"],
  revocation: "revoked",
};

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "generators-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** By that Python, whose folder has been moved: only it finds itself. @returns all that it said */
function run(...args: readonly string[]): string {
  const bin = dirname(python ?? "");
  const { stdout, stderr, status, error } = spawnSync(python ?? "", args, {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}` },
  });
  expect({ status, error, said: status === 0 ? "" : stdout + stderr }).toEqual({
    status: 0,
    error: undefined,
    said: "",
  });
  return stdout + stderr;
}

withPython("openapi-python-client takes every operation, and its modules load", () => {
  const options = ["generate", "--path", DOCUMENT, "--meta", "none", "--output-path", "vault"];
  expect(run("-m", "openapi_python_client", ...options)).not.toMatch(/warning|error|skipp/i);
  const modules = readdirSync(join(folder, "vault", "api"), { recursive: true, encoding: "utf8" });
  expect(modules.filter((name) => /[a-z_]\.py$/.test(name) && !name.includes("__"))).toHaveLength(
    operations.length,
  );
  writeFileSync(
    join(folder, "use.py"),
    `import importlib, json, pkgutil, vault
for module in pkgutil.walk_packages(vault.__path__, "vault."):
    importlib.import_module(module.name)
from vault.models import ErasureReceipt
receipt = json.loads(${JSON.stringify(JSON.stringify(RECEIPT))})
print([str(part) for part in ErasureReceipt.from_dict(receipt).to_dict()["erased"]])
`,
  );
  expect(run("use.py").trim()).toBe("['user', 'refresh_token', 'sessions']");
});

withPython("datamodel-codegen makes models that take what is documented, and nothing else", () => {
  run(
    ...[
      "-m",
      "datamodel_code_generator",
      "--input",
      DOCUMENT,
      "--input-file-type",
      "openapi",
      "--output",
      "models.py",
    ],
    ...["--output-model-type", "pydantic_v2.BaseModel", "--disable-timestamp"],
  );
  writeFileSync(
    join(folder, "judge.py"),
    `import json, sys, models
from pydantic import ValidationError
for text in sys.argv[1:]:
    try:
        models.ErasureReceipt.model_validate_json(text)
        print("taken")
    except ValidationError:
        print("refused")
`,
  );
  const damaged = { ...RECEIPT, erased: ["user"] };
  const said = run("judge.py", JSON.stringify(RECEIPT), JSON.stringify(damaged));
  expect(said.trim().split(/\s+/)).toEqual(["taken", "refused"]);
});

test("openapi-typescript takes it, and its types compile under the strictest settings", () => {
  const bin = (path: string) => join(ROOT, "node_modules", path);
  const output = join(folder, "types.ts");
  execFileSync(
    process.execPath,
    [bin("openapi-typescript/bin/cli.js"), DOCUMENT, "--output", output],
    { stdio: "ignore" },
  );
  const options = [
    "--noEmit",
    "--strict",
    "--exactOptionalPropertyTypes",
    "--skipLibCheck",
    "false",
  ];
  const compiled = spawnSync(process.execPath, [bin("typescript-7/bin/tsc"), ...options, output], {
    encoding: "utf8",
    cwd: folder,
  });
  expect(compiled.stdout).toBe("");
  const names = [...readFileSync(output, "utf8").matchAll(/^ {4}"(\/[^"]*)": \{$/gm)];
  expect(names.map(([, name]) => name)).toEqual(Object.keys(paths));
});
