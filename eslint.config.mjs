import tseslint from "typescript-eslint";

const noProcessEnv = {
  object: "process",
  property: "env",
  message: "read environment variables through lambda/env.ts",
};

export default tseslint.config(
  {
    ignores: [
      ...["cdk.out/", ".local/", "coverage/", "reports/", "node_modules/", ".stryker-tmp/"],
      ...["packages/client/dist/", "packages/client/src/api-types.ts"],
      // Checked against what `npm run recipes` installs.
      "examples/*/**/*.{ts,tsx}",
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
    },
  },
  {
    files: ["**/*.{js,cjs,mjs}"],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { "no-console": "off", "@typescript-eslint/no-require-imports": "off" },
  },
);
