import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { helloTemplate } from "@molecule/testkit";
import { noEngine, openWorld, type World } from "./command-world.test.support.js";
import { readBrokenTrace, readTrace } from "./trace-files.test.support.js";
import { until } from "./waiting.test.support.js";

let world: World;
beforeEach(async () => {
  world = await openWorld(noEngine);
});
afterEach(() => world.close());

const commands = ["ensure", "refresh", "run", "watch"];

test("a failed call has a complete timeline: the command, the runtime's steps and each request", async () => {
  await world.forge.addTemplate("hermes", helloTemplate());
  const { status } = await world.json(["ensure", "hermes", "--trace", "out.json"]);
  expect(status).toBe(4);
  const slices = await readTrace(join(world.cwd, "out.json"));
  expect(slices.filter(({ group }) => group === "molecule-image").map(({ name }) => name)).toEqual([
    "start node",
    "load the command",
    "read the configuration",
    "open the source",
  ]);
  const { origin, pathname } = new URL(world.forge.repoPrefix());
  expect(slices.find(({ group }) => group === `requests to ${origin}`)).toMatchObject({
    name: `GET /api/v1/repos${pathname}hermes/branches/main`,
    args: { status: 200 },
  });
  const work = slices.find(({ group, name }) => group === "hermes" && name === "ensure");
  expect(work?.args).toMatchObject({ source: "gitea-local-build", error: "ENGINE_UNAVAILABLE" });
  const resolve = slices.find(({ name }) => name === "resolve");
  expect(resolve).toMatchObject({ group: "hermes", args: { what: expect.stringContaining("hermes") } });
  expect(resolve?.ts).toBeGreaterThanOrEqual(work?.ts ?? Infinity);
});

test("each runtime has a group of rows, and slices in one row never overlap", async () => {
  for (const runtime of ["hermes", "codex"]) await world.forge.addTemplate(runtime, helloTemplate());
  await world.run(["ensure", "hermes", "codex", "--trace", "out.json"]);
  const slices = (await readTrace(join(world.cwd, "out.json"))).filter(({ ph }) => ph === "X");
  expect(new Set(slices.map(({ group }) => group))).toEqual(
    new Set([
      "molecule-image",
      "hermes",
      "codex",
      `requests to ${world.forge.baseUrl}`,
      "requests to /nonexistent/d.sock",
    ]),
  );
  for (const { pid, tid, ts, name } of slices) {
    const before = slices.filter((slice) => slice.pid === pid && slice.tid === tid && slice.ts < ts);
    for (const slice of before) expect([name, slice.ts + slice.dur <= ts]).toEqual([name, true]);
  }
});

test.each(commands)("%s refuses a file that cannot be written before it does anything", async (command) => {
  await world.forge.addTemplate("hermes", helloTemplate());
  const { status, answer } = await world.json([command, "hermes", "--trace", "absent/out.json"]);
  expect({ status, error: answer.error }).toMatchObject({
    status: 2,
    error: {
      code: "USAGE",
      message: `cannot write the trace to ${join(world.cwd, "absent/out.json")}: its directory does not exist`,
      hint: "Choose another file for --trace.",
    },
  });
  expect(world.forge.apiRequests()).toEqual([]);
  expect(await readdir(world.home)).toEqual([]);
});

test("a directory is refused in words", async () => {
  await mkdir(join(world.cwd, "out"));
  const { status, stderr } = await world.run(["ensure", "hermes", "--trace", "out"]);
  expect(status).toBe(2);
  expect(stderr).toContain(`cannot write the trace to ${join(world.cwd, "out")}: it is a directory`);
});

test("a disk that fills up loses only the trace, with a warning", async () => {
  await world.forge.addTemplate("hermes", helloTemplate());
  const { status, stderr } = await world.run(["ensure", "hermes", "--trace", "/dev/full"]);
  expect(status).toBe(4);
  expect(stderr).toContain("the trace is incomplete");
  expect(stderr).toContain("no space left on device");
});

test("no token is in the timeline", async () => {
  const token = "a-token-of-the-test";
  await world.run(["ensure", token, "hermes", "--trace", "out.json"], { MOLECULE_GITEA_TOKEN: token });
  expect(JSON.stringify(await readTrace(join(world.cwd, "out.json")))).not.toContain(token);
});

test("a timeline of watch is complete after a signal, and can be read after a kill", async () => {
  for (const [signal, read] of [
    ["SIGTERM", readTrace],
    ["SIGKILL", readBrokenTrace],
  ] as const) {
    const file = join(world.cwd, `${signal}.json`);
    const watch = world.start(["watch", "hermes", "--metrics", "0", "--trace", file]);
    await watch.untilPrinted("SOURCE_NOT_FOUND");
    watch.child.kill(signal);
    await watch.done.catch(() => undefined);
    await until(async () => (await read(file)).some(({ name }) => name === "resolve"));
    expect((await read(file)).map(({ name }) => name)).toContain("plan");
  }
});
