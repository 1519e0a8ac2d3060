"use strict";
// Runs the bundle from what V8 has compiled of it before, where this is the same V8; any other compiles it anew.
const { readFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const vm = require("node:vm");

const file = join(dirname(__dirname), "bundle", "main.cjs");
// Made together with the bundle, never by a run: whoever can write it can write the bundle as well.
const compiled = `${file}.compiled`;

/** Answers the script, with all that it has compiled by the time it is asked. */
exports.start = function start() {
  // All of it is ASCII. What it loads is looked for from here.
  const source = `(function (require, __filename, $load$) { ${readFileSync(file, "latin1")}\n})`;
  const script = new vm.Script(source, { filename: file, cachedData: readIfThere(compiled) });
  script.runInThisContext()(require, file, (specifier) => import(specifier));
  return script;
};

function readIfThere(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
