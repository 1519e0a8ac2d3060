import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { openWorld, templateWith, type Answer, type World } from "./command-world.test.support.js";

describeWithEngine({ describe, test }, "concurrent processes", ({ address }) => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(address);
  });
  afterEach(() => world.close());

  test("twenty processes that ensure one runtime build one image, and all return it", async () => {
    await world.forge.addTemplate("hermes", helloTemplate({ message: "one of twenty" }));
    const running = Array.from({ length: 20 }, () =>
      world.run(["ensure", "hermes", "--json", "--progress", "none"]),
    );
    const outcomes = await Promise.all(running);
    expect(outcomes.map(({ status }) => status)).toEqual(Array(20).fill(0));
    // Only the process that builds prints anything: the engine's notice about its classic builder.
    expect(outcomes.filter(({ stderr }) => stderr !== "").length).toBeLessThanOrEqual(1);
    const images = outcomes.map(({ stdout }) => (JSON.parse(stdout) as Answer).results?.[0]?.image);
    expect(new Set(images.map((image) => image?.["imageId"])).size).toBe(1);
    expect(images.filter((image) => image?.["cached"] === false)).toHaveLength(1);
    const fetches = world.forge.gitRequests().filter(({ path }) => path.endsWith("/git-upload-pack"));
    // Two requests per fetch: the list of refs, and the commit.
    expect(fetches.length).toBeLessThanOrEqual(2);
    expect(await readdir(join(world.cache, "locks"))).toEqual([]);
  });

  test("a process that waits for another one reports it, and gives up its place when interrupted", async () => {
    await world.forge.addTemplate(
      "hermes",
      templateWith(`RUN echo begun-${String(Date.now())} && /bin/sleep 15`),
    );
    const first = world.start(["ensure", "hermes", "--progress", "plain"]);
    await first.untilPrinted("build | begun-");
    const second = world.start(["ensure", "hermes", "--progress", "plain", "--quiet"]);
    const third = world.start(["ensure", "hermes", "--progress", "plain"]);
    await third.untilPrinted(": another process is building this image");
    third.child.kill("SIGINT");
    expect(await third.done).toMatchObject({ status: 130 });
    expect(await first.done).toMatchObject({ status: 0 });
    expect(await second.done).toMatchObject({ status: 0 });
    expect(await readdir(join(world.cache, "locks"))).toEqual([]);
  });

  test("a waiting process takes over from one killed during a build", async () => {
    await world.forge.addTemplate(
      "hermes",
      templateWith(`RUN echo begun-${String(Date.now())} && /bin/sleep 10`),
    );
    const first = world.start(["ensure", "hermes", "--progress", "plain"]);
    const killed = first.done.catch((error: unknown) => error);
    await first.untilPrinted("build | begun-");
    const second = world.start(["ensure", "hermes", "--json", "--progress", "plain"]);
    await second.untilPrinted("another process is building this image");
    first.child.kill("SIGKILL");
    await killed;
    const { status, stdout } = await second.done;
    expect([status, (JSON.parse(stdout) as Answer).results?.[0]?.image?.["cached"]]).toEqual([0, false]);
    expect(await readdir(join(world.cache, "locks"))).toEqual([]);
    // Only the checkout: the killed process's partial files were swept.
    expect(await world.checkouts("hermes")).toHaveLength(1);
  });
});
