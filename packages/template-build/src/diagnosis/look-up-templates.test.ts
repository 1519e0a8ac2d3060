import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";

test("many lookups that wait for one signal cause no warning of Node", async () => {
  const moduleAt = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
  const script = `
    import { setTimeout as sleep } from "node:timers/promises";
    import { systemClock } from ${moduleAt("../../../core/dist/index.js")};
    import { lookUpTemplates } from ${moduleAt("../../dist/diagnosis/look-up-templates.js")};
    const head = async (_runtime, { signal }) => {
      signal.addEventListener("abort", () => undefined);
      return { remote: {} };
    };
    const runtimes = Array.from({ length: 20 }, (_, index) => "runtime-" + index);
    const { summary } = await lookUpTemplates({ head, template: (runtime) => ({ runtime }) }, runtimes, new AbortController(), systemClock);
    await sleep(10);
    console.log(summary.includes("runtime-19"));`;
  const run = promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
  expect(await run).toEqual({ stdout: "true\n", stderr: "" });
});
