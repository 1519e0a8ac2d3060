import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { temporaryTree, type TemporaryTree } from "@molecule/test-fixtures";

interface BuildStamp {
  beginBuild(base: string): () => void;
  changedSinceBuild(base: string): string | undefined;
}
const stamp = (await import(new URL("../scripts/build-stamp.mjs", import.meta.url).href)) as BuildStamp;

let tree: TemporaryTree;
beforeEach(async () => {
  tree = await temporaryTree({ "node_modules/": "", "plugins/": "", "packages/a/src/x.ts": "1" });
});
afterEach(() => tree.remove());

test("everything is stale without a recorded build", () => {
  expect(stamp.changedSinceBuild(tree.root)).toBe("packages/a/src/x.ts");
});

test.each([
  ["a changed source", { "packages/a/src/x.ts": "2" }, "packages/a/src/x.ts"],
  ["a new source", { "packages/a/src/below/y.ts": "" }, "packages/a/src/below/y.ts"],
  ["a test", { "packages/a/src/x.test.ts": "" }, undefined],
  ["the same content, written later", { "packages/a/src/x.ts": "1" }, undefined],
])("after a build, detects %s if it is part of the build", async (_what, files, changed) => {
  stamp.beginBuild(tree.root)();
  expect(stamp.changedSinceBuild(tree.root)).toBeUndefined();
  await tree.write(files);
  expect(stamp.changedSinceBuild(tree.root)).toBe(changed);
});

test("a source saved during the build is stale after it", async () => {
  const record = stamp.beginBuild(tree.root);
  await tree.write({ "packages/a/src/x.ts": "2" });
  record();
  expect(stamp.changedSinceBuild(tree.root)).toBe("packages/a/src/x.ts");
});

test("a package without its output is stale", async () => {
  await tree.write({ "packages/a/src/index.ts": "" });
  stamp.beginBuild(tree.root)();
  expect(stamp.changedSinceBuild(tree.root)).toBe("packages/a/dist/index.js");
  await tree.write({ "packages/a/dist/index.js": "" });
  expect(stamp.changedSinceBuild(tree.root)).toBeUndefined();
});

test("a library without its published form is stale", async () => {
  await tree.write({ "packages/a/package.json": '{"publishConfig":{"exports":{".":"./lib/index.js"}}}' });
  stamp.beginBuild(tree.root)();
  expect(stamp.changedSinceBuild(tree.root)).toBe("packages/a/lib/index.mjs");
  await tree.write({ "packages/a/lib/index.mjs": "" });
  expect(stamp.changedSinceBuild(tree.root)).toBeUndefined();
});
