"use strict";
// Runs the bundle from V8's code cache. A different V8 rejects the cache and compiles the bundle.
const { readFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const vm = require("node:vm");

const file = join(dirname(__dirname), "bundle", "main.cjs");
// Not a path: the code cache contains this name, and its path would be that of the machine that built it.
const filename = "molecule-image/bundle/main.cjs";
// Created with the bundle, never at run time: a user who can write this file can write the bundle too.
const compiled = `${file}.compiled`;

/** Runs the bundle and returns its script, from which the build creates the code cache. */
exports.start = function start() {
  // The bundle is ASCII. Its `require` and `import()` resolve from this file.
  const source = `(function (require, __filename, $load$) { ${readFileSync(file, "latin1")}\n})`;
  const script = new vm.Script(source, { filename, cachedData: readIfPresent(compiled) });
  script.runInThisContext()(require, file, (specifier) => import(specifier));
  return script;
};

function readIfPresent(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
