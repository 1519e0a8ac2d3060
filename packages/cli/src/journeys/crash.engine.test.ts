import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { silentReport } from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { describeWithEngine, startFaultProxy, startRegistry } from "@molecule/test-fixtures";
import { helloTemplate, type TemplateFiles } from "@molecule/testkit";
import { openWorld, templateWith, type RunningCommand, type World } from "./command-world.test.support.js";
import { processesOf, startEmptyEngine, until } from "./waiting.test.support.js";

let count = 0;
const slow = (): TemplateFiles =>
  templateWith(`RUN echo begun-${String(Date.now())}-${String(count++)} && /bin/sleep 2`);

describeWithEngine({ describe, test }, "after kill -9", ({ address }) => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(address);
  });
  afterEach(() => world.close());

  const moments: readonly (readonly [string, (running: RunningCommand) => Promise<void>])[] = [
    [
      "in the middle of a checkout",
      async () => {
        while (world.forge.gitRequests().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      },
    ],
    ["when the build begins", (running) => running.untilPrinted(": build ")],
    ["in the middle of a build", (running) => running.untilPrinted("build | begun-")],
    ["before a word", () => new Promise((resolve) => setTimeout(resolve, 90))],
  ];

  test.each(moments)(
    "%s the next call succeeds, and nothing partial is left behind",
    async (_when, moment) => {
      await world.forge.addTemplate("hermes", slow());
      const running = world.start(["ensure", "hermes", "--progress", "plain"]);
      const killed = running.done.catch((error: unknown) => error);
      await moment(running);
      running.child.kill("SIGKILL");
      await killed;

      const { status, answer } = await world.json(["ensure", "hermes"]);
      expect([status, answer.results?.[0]?.ok]).toEqual([0, true]);
      expect(await world.checkouts("hermes")).toEqual([expect.stringMatching(/^[0-9a-f]{12}$/)]);
      expect(await readdir(join(world.cache, "locks"))).toEqual([]);
      expect((await world.json(["ensure", "hermes"])).answer.results?.[0]?.image).toMatchObject({
        cached: true,
      });
    },
  );
});

test("after kill -9 during a fetch, the next call stops the leftover git", async () => {
  const engine = await startEmptyEngine();
  const world = await openWorld(engine.address);
  await world.forge.addTemplate("hermes", helloTemplate());
  world.forge.fault("git", { hang: true });
  const running = world.start(["ensure", "hermes"]);
  const killed = running.done.catch((error: unknown) => error);
  await until(() => world.forge.gitRequests().length > 0);
  running.child.kill("SIGKILL");
  await killed;
  expect(await processesOf(world.forge.baseUrl)).not.toEqual([]);
  world.forge.clearFaults();

  await world.run(["ensure", "hermes"]);

  expect(await processesOf(world.forge.baseUrl)).toEqual([]);
  expect((await world.checkouts("hermes")).filter((name) => name.endsWith(".partial"))).toEqual([]);
  await world.close();
  await engine.stop();
});

describeWithEngine({ describe, test }, "after kill -9 during a pull", ({ address }) => {
  test("the next call pulls the image", async () => {
    const world = await openWorld(address);
    const registry = await startRegistry();
    const proxy = await startFaultProxy({ target: registry.host });
    const engine = createDockerEngine(() =>
      findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
    );
    try {
      await world.forge.addTemplate("hermes", helloTemplate({ message: "killed while pulled" }));
      const built = (await world.json(["ensure", "hermes"])).answer.results?.[0]?.image;
      const reference = `${proxy.address}/workspace-template-hermes:latest`;
      await engine.tagImage(String(built?.["imageId"]), reference);
      await engine.pushImage({ reference, report: silentReport });
      await engine.removeImage(reference);
      await engine.removeImage(String(built?.["reference"]));
      await engine.removeImage(`molecule-local/workspace-template-hermes:latest--${world.isolation}`);

      proxy.fault({ slow: { bytesPerSecond: 20_000 } }, { method: "GET", path: /blobs/ });
      const env = { MOLECULE_IMAGE_REGISTRY: proxy.address };
      const running = world.start(["ensure", "hermes", "--progress", "plain"], env);
      const killed = running.done.catch((error: unknown) => error);
      await running.untilPrinted("Pulling fs layer");
      running.child.kill("SIGKILL");
      await killed;
      proxy.clear();
      proxy.cut();

      const { status, answer } = await world.json(["ensure", "hermes"], env);
      expect([status, answer.results?.[0]?.image]).toMatchObject([0, { reference, cached: false }]);
      expect(await readdir(join(world.cache, "locks"))).toEqual([]);
      await engine.removeImage(reference);
    } finally {
      await engine.close();
      await proxy.stop();
      await registry.stop();
      await world.close();
    }
  });
});

describeWithEngine({ describe, test }, "a clock that is wrong by ten years", ({ address }) => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(address);
  });
  afterEach(() => world.close());

  const library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
  test.each(["+3650d", "-3650d"])("a clock set to %s changes nothing", async (offset) => {
    await world.forge.addTemplate("hermes", helloTemplate({ message: `clock ${offset}` }));
    const wrong = { LD_PRELOAD: library, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: "1" };
    const built = await world.json(["ensure", "hermes"], wrong);
    expect([built.status, built.answer.results?.[0]?.image]).toMatchObject([0, { cached: false }]);
    // With the clock right again, it finds the image and builds the next commit.
    const hit = await world.json(["ensure", "hermes"]);
    expect(hit.answer.results?.[0]?.image).toMatchObject({ cached: true });
    await world.forge.commit("hermes", { "message.txt": "next\n" });
    const next = await world.json(["ensure", "hermes"], wrong);
    expect(next.answer.results?.[0]?.image).toMatchObject({ cached: false });
    expect(next.answer.results?.[0]?.image?.["durationMs"]).toBeLessThan(60_000);
    expect(await readdir(join(world.cache, "locks"))).toEqual([]);
  });
});
