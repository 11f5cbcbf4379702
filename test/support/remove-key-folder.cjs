module.exports = require("./key-folder.cjs").tearDown;
