"use strict";
// Before anything else, and in words that any Node ever released can read: whatever fails on an old
// one fails later, and says something else.
var needed = require("../package.json").engines.node.replace(/[^0-9.]/g, "");

function isOlder(version) {
  var has = version.split(".").map(Number);
  var wants = needed.split(".").map(Number);
  return has[0] < wants[0] || (has[0] === wants[0] && has[1] < (wants[1] || 0));
}

if (isOlder(process.versions.node)) {
  // A list, for the formatter puts a comma behind the last argument, which old ones do not parse.
  var words = [
    "\nrollup-vault needs Node " + needed + " or newer, and this is Node " + process.versions.node,
    " (" + process.execPath + "): `npx --yes -p node@22 npm start` runs it with Node 22, ",
    "or install a newer one (https://nodejs.org)\n",
  ];
  console.error(words.join(""));
  process.exit(1);
}
