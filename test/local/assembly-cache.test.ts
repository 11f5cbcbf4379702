/** Which change makes a new assembly, and which entry is used. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  type AssemblyInputs,
  keepAssembly,
  keyOf,
  SOURCES,
  takeAssembly,
} from "../../local/assembly-cache";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "assembly-cache-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const remove = (path: string): void => {
  rmSync(join(folder, path), { recursive: true });
};

describe("the key", () => {
  const INSTALLED = "root/node_modules/.package-lock.json";
  let inputs: AssemblyInputs;

  beforeEach(() => {
    for (const source of SOURCES) {
      write(`root/${source.includes(".") ? source : `${source}/deep/one.ts`}`, `of ${source}`);
    }
    write("root/lib/other.ts", "other");
    write(INSTALLED, "esbuild 1.0.0");
    inputs = {
      root: join(folder, "root"),
      context: { issuer: "http://127.0.0.1:4001" },
      environment: { NODE_OPTIONS: "--no-warnings" },
      nodeVersion: "v20.20.2",
    };
  });

  const CHANGES: [string, () => unknown][] = [
    ...SOURCES.map((source): [string, () => void] => [
      `another byte in ${source}`,
      () => {
        write(`root/${source.includes(".") ? source : `${source}/deep/one.ts`}`, `or ${source}`);
      },
    ]),
    [
      "a file more",
      () => {
        write("root/lambda/deep/two.ts", "");
      },
    ],
    [
      "a file less",
      () => {
        remove("root/lib/other.ts");
      },
    ],
    [
      "a file with another name",
      () => {
        remove("root/lib/other.ts");
        write("root/lib/another.ts", "other");
      },
    ],
    [
      "two files with each other's contents",
      () => {
        write("root/lib/other.ts", "of lib");
        write("root/lib/deep/one.ts", "other");
      },
    ],
    [
      "other packages installed, with the same lock file",
      () => {
        write(INSTALLED, "esbuild 1.0.1");
      },
    ],
    ["another Node", () => ({ nodeVersion: "v20.20.3" })],
    ["another context", () => ({ context: { issuer: "http://127.0.0.1:4003" } })],
    ["another environment", () => ({ environment: { NODE_OPTIONS: "--warnings" } })],
    ["no environment", () => ({ environment: {} })],
    [
      "the same files elsewhere",
      () => {
        const root = join(folder, "elsewhere");
        cpSync(join(folder, "root"), root, { recursive: true });
        return { root };
      },
    ],
  ];

  test.each(CHANGES)("is another one with %s", async (_, change) => {
    const before = await keyOf(inputs);
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    expect(await keyOf(Object.assign({}, inputs, change()))).not.toBe(before);
  });

  const NO_CHANGES: [string, () => void][] = [
    ["nothing", () => undefined],
    [
      "a file saved as it was",
      () => {
        utimesSync(join(folder, "root/lib/other.ts"), 1, 1);
      },
    ],
    [
      "files of which nothing is made",
      () => {
        write("root/test/new.test.ts", "new");
      },
    ],
  ];

  test.each(NO_CHANGES)("stays with %s", async (_, change) => {
    const before = await keyOf(inputs);
    change();
    expect(await keyOf(inputs)).toBe(before);
  });

  test("is not known where the installed packages are not", async () => {
    remove(INSTALLED);
    expect(await keyOf(inputs)).toBeUndefined();
  });
});

describe("an entry", () => {
  const FILES = { "manifest.json": "{}", "asset.1/index.js": "exports.handler = 1;" };

  const take = async (key = "key"): Promise<boolean> =>
    await takeAssembly(join(folder, "cache"), key, join(folder, "taken"));

  async function keep(key = "key"): Promise<void> {
    for (const [path, text] of Object.entries(FILES)) {
      write(`made/${path}`, text);
    }
    await keepAssembly(join(folder, "cache"), key, join(folder, "made"));
  }

  test("is given as it was kept, as often as it is asked for", async () => {
    await keep();
    for (let times = 0; times < 2; times += 1) {
      expect(await take()).toBe(true);
      for (const [path, text] of Object.entries(FILES)) {
        expect(await readFile(join(folder, "taken", path), "utf8")).toBe(text);
      }
      // What a run does with its copy is its own affair.
      write("taken/manifest.json", "changed");
      remove("taken");
    }
  });

  test("of another key is not given", async () => {
    await keep();
    expect(await take("other")).toBe(false);
  });

  test.each<[string, () => void]>([
    [
      "a changed byte",
      () => {
        write("cache/key/assembly/manifest.json", "[]");
      },
    ],
    [
      "a bundle cut short",
      () => {
        write("cache/key/assembly/asset.1/index.js", "exports.");
      },
    ],
    [
      "a file less",
      () => {
        remove("cache/key/assembly/asset.1");
      },
    ],
    [
      "a file more",
      () => {
        write("cache/key/assembly/asset.2/index.js", "");
      },
    ],
    [
      "another digest",
      () => {
        write("cache/key/digest", "0".repeat(64));
      },
    ],
    [
      "an empty digest",
      () => {
        write("cache/key/digest", "");
      },
    ],
    [
      "no digest",
      () => {
        remove("cache/key/digest");
      },
    ],
    [
      "no assembly",
      () => {
        remove("cache/key/assembly");
      },
    ],
  ])("with %s is not given, and goes", async (_, damage) => {
    await keep();
    damage();
    expect(await take()).toBe(false);
    expect(readdirSync(join(folder, "cache"))).toEqual([]);
    expect(readdirSync(folder)).not.toContain("taken");
    await keep();
    expect(await take()).toBe(true);
  });

  test("is kept by one of many at once, and whole for each who takes it", async () => {
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        await keep();
      }),
    );
    expect(readdirSync(join(folder, "cache"))).toEqual(["key"]);
    const taken = Array.from({ length: 10 }, async (_, number) => {
      const into = join(folder, `taken-${String(number)}`);
      return await takeAssembly(join(folder, "cache"), "key", into);
    });
    expect(await Promise.all(taken)).toEqual(Array.from({ length: 10 }, () => true));
  });

  test("goes when eight others were used later, and so does a draft that somebody left", async () => {
    write("cache/draft-left/assembly/manifest.json", "{");
    write("cache/draft-new/assembly/manifest.json", "{");
    const age = (name: string, seconds: number) => {
      utimesSync(join(folder, "cache", name), seconds, seconds);
    };
    age("draft-left", 1);
    for (let number = 2; number <= 9; number += 1) {
      await keep(`key-${String(number)}`);
      age(`key-${String(number)}`, number);
    }
    // The oldest but one: it is used, and stays.
    expect(await take("key-2")).toBe(true);
    await keep("newest");
    const names = [2, 4, 5, 6, 7, 8, 9].map((number) => `key-${String(number)}`);
    expect(readdirSync(join(folder, "cache")).sort()).toEqual(["draft-new", ...names, "newest"]);
  });
});
