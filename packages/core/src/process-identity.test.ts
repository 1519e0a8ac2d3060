import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "@jest/globals";
import { ownProcess, processState } from "./process-identity.js";

test("this process runs, and names itself by its number", async () => {
  const own = await ownProcess();
  expect(own).toMatch(new RegExp(`^${String(process.pid)}-[0-9a-f]{8}-[0-9a-f]{8}$`));
  expect(await processState(own)).toBe("running");
});

test("another process that took the number does not count as the one that had it", async () => {
  const [, space = ""] = (await ownProcess()).split("-");
  expect(await processState(`${String(process.ppid)}-${space}-00000000`)).toBe("gone");
});

test("a process that has ended is gone, also while nobody has asked for its status", async () => {
  const module = new URL("../dist/process-identity.js", import.meta.url).href;
  const script = `console.log(await (await import(${JSON.stringify(module)})).ownProcess()); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [printed] = (await once(child.stdout, "data")) as [Buffer];
  const identity = printed.toString().trim();
  expect(await processState(identity)).toBe("running");
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(await processState(identity)).toBe("gone");
});

test.each(["", "x", "1", "7-01234567-00000000", "-1-01234567-00000000", "__proto__"])(
  "of %j nothing is known: another boot, another container, or no identity",
  async (identity) => {
    expect(await processState(identity)).toBe("unknown");
  },
);
