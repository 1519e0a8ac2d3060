import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";

// In a separate process, because jest hides Node's warnings.
const script = `
import { setTimeout } from "node:timers/promises";
import { allowedRuntimes, createMask, createSpine, silentLog } from ${JSON.stringify(new URL("../../dist/index.js", import.meta.url).href)};
const image = { reference: "example/x:1", revision: null, buildKey: null, platform: "linux/amd64" };
const source = {
  name: "busy",
  resolve: async (runtime) => ({ runtime, ...image }),
  find: async () => ({ hit: false, why: "not there" }),
  provide: async (_resolution, _found, { signal }) => {
    await Promise.all(Array.from({ length: 50 }, () => setTimeout(10, undefined, { signal })));
    return { ...image, imageId: "sha256:" + "a".repeat(64), digest: null, engine: null };
  },
};
const spine = createSpine({
  source,
  selection: { source: "busy", mode: "local", because: "a test" },
  registry: { mode: "local", prefix: "molecule-local" },
  runtimes: allowedRuntimes([], "default"),
  timeoutMs: 10_000,
  mask: createMask(),
  clock: { monotonicMs: () => performance.now(), wallMs: () => Date.now(), after: () => () => undefined },
  log: silentLog,
});
const { signal } = new AbortController();
const images = await Promise.all(Array.from({ length: 50 }, () => spine.ensure("hermes", { signal })));
console.log(images.length);
`;

test("many callers can share one signal, and a source its own, without a warning from Node", async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    "--input-type=module",
    "-e",
    script,
  ]);
  expect({ stdout, stderr }).toEqual({ stdout: "50\n", stderr: "" });
});
