import stylistic from "@stylistic/eslint-plugin";
import commentLength from "eslint-plugin-comment-length";
import importSort from "eslint-plugin-simple-import-sort";
import tseslint from "typescript-eslint";
import ownLines from "./eslint-own-lines.cjs";

const noProcessEnv = {
  object: "process",
  property: "env",
  message: "read environment variables through lambda/env.ts",
};

const COLUMNS = 100;
/** A block with one line too long is filled anew, so that no stump of a line stays behind. */
const COMMENT_LENGTH = { maxLength: COLUMNS, mode: "compact-on-overflow", ignoreUrls: true };
const MAX_LEN = { code: COLUMNS, ignoreUrls: true, ignorePattern: "^import |eslint-disable" };

/** What prettier leaves alone or cannot know. */
const house = {
  plugins: {
    "@stylistic": stylistic,
    "comment-length": commentLength,
    house: { rules: { "own-lines": ownLines } },
    "import-sort": importSort,
  },
  rules: {
    "max-lines": ["error", { max: 400 }],
    "house/own-lines": ["error", { max: 60 }],
    "@stylistic/max-len": [
      "error",
      // A test's title, a message or a pattern reads better in one piece.
      { ...MAX_LEN, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true },
    ],
    "comment-length/limit-single-line-comments": ["error", COMMENT_LENGTH],
    "comment-length/limit-multi-line-comments": ["error", COMMENT_LENGTH],
    // Node's modules, packages, then the project's own files from far to near, in one block.
    "import-sort/imports": [
      "error",
      { groups: [["^\\u0000", "^node:", "^@?\\w", "^\\.\\./", "^\\./"]] },
    ],
    "no-duplicate-imports": ["error", { allowSeparateTypeImports: true }],
    "no-restricted-syntax": [
      "error",
      {
        selector: "ObjectExpression > SpreadElement > ObjectExpression",
        message: "write the members out: types and formatter do not see into a spread literal",
      },
      {
        selector: "ArrayExpression > SpreadElement > ArrayExpression",
        message: "write the elements out",
      },
    ],
  },
};

export default tseslint.config(
  {
    ignores: [
      "cdk.out/",
      ".local/",
      "coverage/",
      "reports/",
      "node_modules/",
      ".stryker-tmp/",
      "packages/client/dist/",
      // Generated.
      "packages/client/src/api-types.ts",
      "lambda/http/openapi-text.ts",
      // Checked against what `npm run recipes` installs.
      "examples/*/**/*.{ts,tsx}",
      // Checked where `npm run create-app` has put them (test/browser/own-app.browser.ts).
      "templates/",
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-console": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/return-await": ["error", "always"],
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          allowForKnownSafeCalls: [{ from: "package", package: "node:test", name: ["it", "test"] }],
        },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: "only-allowed-literals" },
      ],
    },
  },
  house,
  {
    files: ["lambda/**/*.ts", "lib/**/*.ts", "bin/**/*.ts"],
    rules: { "@stylistic/max-len": ["error", MAX_LEN] },
  },
  {
    files: ["lambda/**/*.ts"],
    ignores: ["lambda/env.ts"],
    rules: { "no-restricted-properties": ["error", noProcessEnv] },
  },
  {
    files: ["test/**/*.ts", "packages/*/test/**/*.ts"],
    // Only their tests are tests.
    ignores: ["test/verification/*/**", "test/bench/**"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/require-await": "off",
      // A suite is a list of tests.
      "house/own-lines": "off",
    },
  },
  {
    files: ["**/*.{js,cjs,mjs}"],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { "no-console": "off", "@typescript-eslint/no-require-imports": "off" },
  },
);
