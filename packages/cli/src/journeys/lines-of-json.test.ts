import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { helloTemplate } from "@molecule/testkit";
import { noEngine, openWorld, type RunningCommand, type World } from "./command-world.test.support.js";

/*
 * One key, `time`, holds the time in every line of JSON, so that one rule of a log collector fits all of them.
 */

let world: World;
beforeAll(async () => {
  world = await openWorld(noEngine);
  await world.forge.addTemplate("hermes", helloTemplate());
});
afterAll(() => world.close());

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
/** An unknown variable, which is logged as a warning. */
const misspelt = { MOLECULE_IMAGE_REGISTY: "registry.example" };

test("--log-format json writes the log as JSON, and leaves the result as text", async () => {
  const { status, stdout, stderr } = await world.run(["config", "--log-format", "json"], misspelt);
  expect({ status, line: JSON.parse(stderr) as unknown }).toEqual({
    status: 0,
    line: expect.objectContaining({ time: expect.stringMatching(isoTime), level: "warn" }),
  });
  expect(stdout).toMatch(/^platform = /m);
});

test("--log-format text writes the log as text, and leaves the result as JSON", async () => {
  const { stdout, stderr } = await world.run(["config", "--json", "--log-format", "text"], misspelt);
  expect(stderr).toMatch(/^\S+ warn /);
  expect(JSON.parse(stdout)).toHaveProperty("values");
});

test("the log is JSON with --json, unless a format is given", async () => {
  const { stderr } = await world.run(["config", "--json"], misspelt);
  expect(JSON.parse(stderr)).toMatchObject({ level: "warn" });
});

/** Returns the first line that the command prints, and then interrupts the command. */
async function firstLine(running: RunningCommand, name: "stdout" | "stderr"): Promise<string> {
  const line = await new Promise<string>((resolve, reject) => {
    let text = "";
    running.child[name]?.on("data", (more: string) => {
      text += more;
      if (text.includes("\n")) resolve(text.slice(0, text.indexOf("\n")));
    });
    running.done.then(() => {
      reject(new Error(`it printed nothing: ${text}`));
    }, reject);
  });
  running.child.kill("SIGINT");
  await running.done;
  return line;
}

const watching = ["watch", "hermes", "--every", "5m"];

test("a failure line of watch --json has the time and the delay until the retry", async () => {
  const line = await firstLine(world.start([...watching, "--json"]), "stdout");
  expect(JSON.parse(line)).toEqual({
    time: expect.stringMatching(isoTime),
    runtime: "hermes",
    ok: false,
    error: expect.objectContaining({ code: "ENGINE_UNAVAILABLE" }),
    retryInMs: 600_000,
  });
});

test("watch prints when it retries", async () => {
  const running = world.start(watching);
  await running.untilPrinted("  retry in 10 min");
  running.child.kill("SIGINT");
  expect((await running.done).stderr).toMatch(
    / \[ENGINE_UNAVAILABLE\]\n {2}hint: [^\n]+\n {2}retry in 10 min 00 s\n/,
  );
});
