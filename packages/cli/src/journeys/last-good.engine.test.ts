import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { openWorld, type World } from "./command-world.test.support.js";

describeWithEngine({ describe, test }, "a forge that is down", ({ address }) => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(address);
    await world.forge.addTemplate("hermes", helloTemplate({ message: "good" }));
  });
  afterEach(() => world.close());

  const options = "options: { gitea-local-build: { whenForgeIsDown: last-good } }\n";
  /** Down for longer than the command waits. */
  const down = { status: 503, headers: { "retry-after": "3600" } };
  const image = async (args: readonly string[]) => (await world.json(args)).answer.results?.[0];

  test("fails the call by default, even if a good image exists", async () => {
    await image(["ensure", "hermes"]);
    world.forge.fault("api", down);
    const { status, answer } = await world.json(["ensure", "hermes"]);
    expect([status, answer.results?.[0]?.error?.["code"]]).toEqual([3, "SOURCE_UNREACHABLE"]);
  });

  test("returns the newest good image if the user allows it, with a warning and marked as stale", async () => {
    const config = await world.write("config.yaml", options);
    await image(["ensure", "hermes", "--config", config]);
    await world.forge.commit("hermes", { "message.txt": "better\n" });
    const newest = await image(["ensure", "hermes", "--config", config]);
    world.forge.fault("api", { status: 500 });

    const { status, stdout, stderr } = await world.run(["ensure", "hermes", "--json", "--config", config]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      results: [{ ok: true, image: { imageId: newest?.image?.["imageId"], stale: true, cached: true } }],
    });
    expect(stderr).toContain("using the last good image, which may be out of date");
    expect(await image(["plan", "hermes", "--config", config])).toMatchObject({
      image: { hit: true, stale: true },
    });
    // Refresh: an old image is not an acceptable result.
    world.forge.clearFaults();
    world.forge.fault("api", down);
    expect(await image(["refresh", "hermes", "--config", config])).toMatchObject({
      error: { code: "SOURCE_UNREACHABLE" },
    });

    world.forge.clearFaults();
    expect(await image(["ensure", "hermes", "--config", config])).toMatchObject({ image: { stale: false } });
  });

  test("counts as down when only its git is down", async () => {
    const config = await world.write("config.yaml", options);
    const good = await image(["ensure", "hermes", "--config", config]);
    await world.forge.commit("hermes", { "message.txt": "better\n" });
    world.forge.fault("git", { status: 500 });
    expect(await image(["ensure", "hermes", "--config", config])).toMatchObject({
      image: { imageId: good?.image?.["imageId"], stale: true, cached: true },
    });
    world.forge.clearFaults();
    world.forge.fault("git", down);
    expect(await image(["refresh", "hermes", "--config", config])).toMatchObject({
      error: { code: "SOURCE_UNREACHABLE" },
    });
  });

  test("fails the call if no good image exists, and never tries another source", async () => {
    const config = await world.write("config.yaml", options);
    world.forge.fault("api", down);
    expect(await image(["ensure", "hermes", "--config", config])).toMatchObject({
      ok: false,
      error: {
        code: "SOURCE_UNREACHABLE",
        message: expect.stringMatching(/; hermes has no earlier image to fall back to$/),
        source: "gitea-local-build",
      },
    });
  });

  test("without a good image, the retries and their reason are reported", async () => {
    const config = await world.write("config.yaml", options);
    world.forge.fault("api", { status: 500 });
    const running = world.start(["ensure", "hermes", "--config", config]);
    await running.untilPrinted("retrying, because there is no earlier image to fall back to");
    running.child.kill("SIGINT");
    expect((await running.done).status).toBe(130);
  });
});
