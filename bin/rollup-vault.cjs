#!/usr/bin/env node
"use strict";
// The commands are TypeScript, run as they are: tsx is one of the project's own packages.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
require("tsx/cjs");
require("./admin/main.ts").main();
