// Stryker runs this in its copy of the project: it bundles all tests of a room, and what they test,
// into one script. Otherwise most of a mutant's time would go to loading modules.
import { readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { build } from "esbuild";
import rooms from "./rooms.json" with { type: "json" };

const { tests, first, without } = rooms[process.env.MUTATED_ROOM];
const root = "test/lambda";
const names = tests
  .flatMap((folder) => readdirSync(`${root}/${folder}`).map((file) => `${folder}/${file}`))
  .filter((file) => file.endsWith(".test.ts"))
  .map((file) => file.slice(0, -".test.ts".length))
  .filter((name) => !without.includes(name));
// Those that kill most come first.
const ordered = [...first, ...names.filter((name) => !first.includes(name))];

/** A file that a mutant keeps from loading is red, and the others are still asked. */
function loaded(name) {
  return `describe("${name}", () => {
    try {
      require("./${name}.test.ts");
    } catch (error) {
      test("loads", () => { throw error; });
    }
  });`;
}

/** Tests find vectors and documents from where they are, and not from where the bundle is. */
function keepFolders({ onLoad }) {
  onLoad({ filter: /[\\/]test[\\/].*\.ts$/ }, ({ path }) => ({
    contents: `const __dirname = ${JSON.stringify(dirname(path))}; ${readFileSync(path, "utf8")}`,
    loader: "ts",
  }));
}

await build({
  stdin: {
    contents: ordered.map(loaded).join("\n"),
    resolveDir: root,
  },
  outfile: `.local/mutation/${process.env.MUTATED_ROOM}-tests.cjs`,
  plugins: [{ name: "where-each-file-is", setup: keepFolders }],
  bundle: true,
  platform: "node",
  target: "node20",
  logLevel: "warning",
});
