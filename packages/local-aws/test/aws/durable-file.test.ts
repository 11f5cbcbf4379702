import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { createDurableFile } from "../../src/aws/durable-file";

const schema = v.object({ secret: v.string() });
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "durable-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test("what was written is there for the next one to open the file", () => {
  const path = join(folder, "deeper", "file.json");
  const file = createDurableFile(path, schema, { secret: "first" });
  expect(file.read()).toEqual({ secret: "first" });
  file.write({ secret: "second" });
  expect(createDurableFile(path, schema, { secret: "first" }).read()).toEqual({ secret: "second" });
  expect(readdirSync(join(folder, "deeper"))).toEqual(["file.json"]);
});

test("a write that fails leaves the old document, on disk and in memory", () => {
  const path = join(folder, "file.json");
  const file = createDurableFile(path, schema, { secret: "first" });
  file.write({ secret: "second" });
  mkdirSync(`${path}.new`);
  expect(() => {
    file.write({ secret: "third" });
  }).toThrow();
  expect(file.read()).toEqual({ secret: "second" });
  expect(readFileSync(path, "utf8")).toContain("second");
});

test("half a write that a kill left behind is passed over", () => {
  const path = join(folder, "file.json");
  createDurableFile(path, schema, { secret: "" }).write({ secret: "whole" });
  writeFileSync(`${path}.new`, '{"sec');
  chmodSync(`${path}.new`, 0o600);
  const file = createDurableFile(path, schema, { secret: "" });
  expect(file.read()).toEqual({ secret: "whole" });
  file.write({ secret: "next" });
  expect(createDurableFile(path, schema, { secret: "" }).read()).toEqual({ secret: "next" });
});

test.each(["", '{"secret": "hush"', '{"secret": 1, "other": "hush"}'])(
  "a file that is no such document is an error that shows nothing of it: %s",
  (text) => {
    const path = join(folder, "file.json");
    writeFileSync(path, text);
    const open = () => createDurableFile(path, schema, { secret: "" });
    expect(open).toThrow("is damaged, or was written by another version");
    expect(open).not.toThrow("hush");
  },
);
