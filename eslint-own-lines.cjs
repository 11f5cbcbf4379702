/**
 * Functions stay short: at most `max` lines of their own. Lines of functions inside are counted
 * there; blank lines and comments count for nothing. A factory (`createX`) lists what it makes,
 * and may be as long as its file.
 */
const FUNCTIONS = ":matches(FunctionDeclaration, FunctionExpression, ArrowFunctionExpression)";

module.exports = {
  meta: {
    type: "suggestion",
    schema: [{ type: "object", properties: { max: { type: "integer" } } }],
    messages: { long: "{{own}} lines of its own, at most {{max}}" },
  },
  create: ({ options: [{ max }], report, sourceCode }) => {
    const commented = new Set(sourceCode.getAllComments().flatMap(wholeLines));
    const open = [];

    function wholeLines({ loc: { start, end } }) {
      const lines = [];
      for (let line = start.line; line <= end.line; line += 1) {
        lines.push(line);
      }
      const before = sourceCode.lines[start.line - 1].slice(0, start.column);
      const after = sourceCode.lines[end.line - 1].slice(end.column);
      return before.trim() === "" && after.trim() === "" ? lines : [];
    }

    return {
      [FUNCTIONS]: () => open.push(new Set()),
      [`${FUNCTIONS}:exit`]: (node) => {
        const inner = open.pop();
        const { start, end } = node.loc;
        let own = 0;
        for (let line = start.line; line <= end.line; line += 1) {
          const counts = !commented.has(line) && sourceCode.lines[line - 1].trim() !== "";
          own += counts && !inner.has(line) ? 1 : 0;
          open.at(-1)?.add(line);
        }
        if (own > max && !/^create[A-Z]/.test(node.id?.name ?? "")) {
          report({ node, messageId: "long", data: { own, max } });
        }
      },
    };
  },
};
