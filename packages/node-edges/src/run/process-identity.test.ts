import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "@jest/globals";
import { ownProcess, processState } from "./process-identity.js";

test("this process runs, and its identity contains its ID", async () => {
  const own = await ownProcess();
  expect(own).toMatch(new RegExp(`^${String(process.pid)}-[0-9a-f]{24}-[0-9a-f]{8}$`));
  expect(await processState(own)).toBe("running");
});

test("another process with the same ID is not the original one", async () => {
  const [, space = ""] = (await ownProcess()).split("-");
  expect(await processState(`${String(process.ppid)}-${space}-00000000`)).toBe("gone");
});

test("a process that has exited is gone, even before its status is collected", async () => {
  const module = new URL("../../dist/run/process-identity.js", import.meta.url).href;
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

test("every process from before a reboot of this machine is gone", async () => {
  const [pid = "", place = "", started = ""] = (await ownProcess()).split("-");
  const [machine, space] = [place.slice(0, 8), place.slice(16)];
  const before = [pid, `${machine}01234567${space}`, started].join("-");
  // Machines without an ID cannot be told apart.
  expect(await processState(before)).toBe(machine === "00000000" ? "unknown" : "gone");
  const elsewhere = [pid, `89abcdef01234567${space}`, started].join("-");
  expect(await processState(elsewhere)).toBe("unknown");
});

test.each(["", "x", "1", "7-01234567-00000000", "-1-01234567-00000000", "__proto__"])(
  "the state of %j is unknown: it is not an identity",
  async (identity) => {
    expect(await processState(identity)).toBe("unknown");
  },
);
