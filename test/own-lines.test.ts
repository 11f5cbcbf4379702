/** The project's own lint rule, with ESLint's own tester. */
import { type Rule, RuleTester } from "eslint";

/* eslint-disable-next-line @typescript-eslint/no-require-imports -- a configuration, not a module */
const ownLines = require("../eslint-own-lines.cjs") as Rule.RuleModule;

const options = [{ max: 3 }];
const tooLong = (own: number) => [{ messageId: "long", data: { own, max: 3 } }];

new RuleTester().run("own-lines", ownLines, {
  valid: [
    { name: "at the limit", code: "function f() {\n  a();\n}", options },
    {
      name: "blank lines and comments count for nothing",
      code: "function f() {\n\n  // Why.\n  /* Why,\n     at length. */\n  a();\n}",
      options,
    },
    {
      name: "the lines of a function inside are its own",
      code: "function f() {\n  return () => {\n    a();\n  };\n}",
      options: [{ max: 3 }],
    },
    {
      name: "a factory lists what it makes",
      code: "function createX() {\n  a();\n  b();\n  c();\n}",
      options,
    },
  ],
  invalid: [
    {
      name: "one more",
      code: "function f() {\n  a();\n  b();\n}",
      options,
      errors: tooLong(4),
    },
    {
      name: "a comment beside code is a line of code",
      code: "const f = () => {\n  a(); // Why.\n  b();\n};",
      options,
      errors: tooLong(4),
    },
    {
      name: "an inner function that is too long by itself",
      code: "function createX() {\n  return () => {\n    a();\n    b();\n  };\n}",
      options,
      errors: tooLong(4),
    },
  ],
});
