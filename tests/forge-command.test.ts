import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { startForge } from "@molecule/testkit";
import { cloneOfTemplates, type Clone, type ServingForge } from "./forge-command.test.support.js";

/*
 * `npm run forge` without an engine: its options, its failures, and its end.
 */

let clone: Clone;
const serving: ServingForge[] = [];
beforeEach(async () => {
  clone = await cloneOfTemplates();
});
afterEach(async () => {
  for (const { child } of serving.splice(0)) child.kill("SIGKILL");
  await clone.remove();
});

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): ServingForge {
  const forge = clone.forge(args, env);
  serving.push(forge);
  return forge;
}

test.each<[string, readonly string[], string]>([
  ["a word", ["--port", "http"], '--port must be a number from 1 to 65535, not "http"'],
  ["too large a number", ["--port", "65536"], '--port must be a number from 1 to 65535, not "65536"'],
  ["nothing", ["--port"], "Option '--port <value>' argument missing"],
  ["a number without the option, as npm passes it", ["4000"], "Unexpected argument '4000'"],
  ["a misspelt option", ["--prot", "4000"], "Unknown option '--prot'"],
])("%s as the port is a usage error of one line", async (_what, args, line) => {
  expect(await start(args).ended).toEqual({
    status: 2,
    stdout: "",
    stderr: `forge: ${line}\nforge: usage: npm run forge -- --port P\n`,
  });
});

test("a port that is in use is reported, and nothing is left behind", async () => {
  const other = await startForge();
  const port = new URL(other.baseUrl).port;
  const { status, stdout, stderr } = await start(["--port", port]).ended;
  expect({ status, stdout, stderr }).toEqual({
    status: 4,
    stdout: "",
    stderr: `forge: cannot listen on 127.0.0.1:${port}: the port is in use; choose another one, or omit --port to get a free one\n`,
  });
  expect(await clone.leftovers()).toEqual([]);
  await other.stop();
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s ends it with status 0, and nothing is left behind",
  async (signal) => {
    const forge = start([]);
    await forge.printed("Press Ctrl-C to stop.");
    expect(await clone.leftovers()).not.toEqual([]);
    forge.child.kill(signal);
    expect(await forge.ended).toMatchObject({ status: 0, stderr: "" });
    expect(await clone.leftovers()).toEqual([]);
  },
);
