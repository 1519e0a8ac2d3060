import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { openWorld, templateWith, type World } from "./command-world.test.support.js";
import { readTrace } from "./trace-files.test.support.js";

describeWithEngine({ describe, test }, "the timeline of a build", ({ address }) => {
  let world: World;
  let hermes: string;

  beforeAll(async () => {
    world = await openWorld(address);
    hermes = await world.forge.addTemplate("hermes", helloTemplate());
    await world.forge.addTemplate("codex", templateWith('RUN ["/bin/sleep", "60"]'));
  });
  afterAll(() => world.close());

  test("shows the steps, the phases of the build, the requests to the engine, and git", async () => {
    const { answer } = await world.json(["ensure", "hermes", "--trace", "built.json"]);
    expect(answer.results).toMatchObject([{ ok: true }]);
    const shown = await readTrace(join(world.cwd, "built.json"));
    const steps = shown.filter(({ group, ph }) => group === "hermes" && ph === "X");
    expect(steps[0]).toMatchObject({ name: "ensure", args: { revision: hermes, cached: false } });
    for (const name of ["resolve", "find", "checkout", "build"])
      expect(steps.map((step) => step.name)).toContain(name);
    const build = steps.find(({ name }) => name === "build");
    const phases = shown.filter(({ ph, group }) => ph === "i" && group === "hermes");
    expect(phases.map(({ name }) => name).join("\n")).toMatch(/COPY /);
    for (const { ts } of phases) expect(ts).toBeGreaterThanOrEqual(build?.ts ?? Infinity);
    const requests = shown.filter(({ group }) => group.startsWith("requests to /")).map(({ name }) => name);
    expect(requests).toContain("POST /build");
    const programs = shown.filter(({ group }) => group === "programs");
    expect(programs.find(({ name }) => name === "git fetch")?.args).toMatchObject({ status: 0 });
  });

  test("shows what was running when a call was cancelled", async () => {
    const file = join(world.cwd, "cancelled.json");
    const ensure = world.start(["ensure", "codex", "--trace", file]);
    await ensure.untilPrinted("sleep");
    ensure.child.kill("SIGINT");
    expect((await ensure.done).status).toBe(130);
    const shown = await readTrace(file);
    expect(shown.find(({ name }) => name === "ensure")?.args).toMatchObject({ error: "CANCELLED" });
    expect(shown.find(({ name }) => name === "build")?.args).toMatchObject({ error: "CANCELLED" });
  });
});
