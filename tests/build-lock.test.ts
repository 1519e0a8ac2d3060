import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { temporaryTree, type TemporaryTree } from "@molecule/test-fixtures";

const lock = JSON.stringify(new URL("../scripts/build-lock.mjs", import.meta.url).href);

let tree: TemporaryTree;
beforeEach(async () => {
  tree = await temporaryTree({});
});
afterEach(() => tree.remove());

test("builds of one clone run one after the other, also after one that was killed", async () => {
  const [file, log] = [tree.path("lock"), tree.path("log")];
  // No process has this ID.
  await writeFile(file, "4194305");
  const script = `
    import { appendFileSync } from "node:fs";
    const { lockBuild } = await import(${lock});
    const unlock = await lockBuild(${JSON.stringify(file)});
    for (let part = 0; part < 5; part += 1) {
      appendFileSync(${JSON.stringify(log)}, process.pid + "\\n");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    unlock();`;
  const build = () => promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
  await Promise.all([build(), build(), build()]);
  const lines = (await readFile(log, "utf8")).trim().split("\n");
  expect(lines).toHaveLength(15);
  const runs = lines.filter((line, index) => line !== lines[index - 1]);
  expect(runs).toHaveLength(3);
});
