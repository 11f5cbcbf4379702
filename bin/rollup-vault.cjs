#!/usr/bin/env node
"use strict";
require("./check-node.cjs");
// The commands are TypeScript, run as they are: tsx is one of the project's own packages.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
require("tsx/cjs");
// Each loads packages for a second that the others do not need.
if (process.argv[2] === "provider") {
  require("./provider/main.ts").main();
} else if (process.argv[2] === "create") {
  require("./create/main.ts").main();
} else {
  require("./admin/main.ts").main();
}
