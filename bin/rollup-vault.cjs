#!/usr/bin/env node
"use strict";
require("./check-node.cjs");
// The commands are TypeScript, run as they are: tsx is one of the project's own packages.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
require("tsx/cjs");
// Each loads packages for a second that the other ones do not need.
switch (process.argv[2]) {
  case "provider":
    require("./provider/main.ts").main();
    break;
  case "adopt":
    require("./adopt/main.ts").main();
    break;
  case "create":
    require("./create/main.ts").main();
    break;
  case "doctor":
    require("./doctor/main.ts").main();
    break;
  default:
    require("./admin/main.ts").main();
}
