import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import {
  describeWithEngine,
  startFaultProxy,
  startPrivateEngine,
  startRegistry,
  type PrivateEngine,
  type Registry,
} from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { openWorld, type Answer, type Image, type World } from "./command-world.test.support.js";

describeWithEngine({ describe, test }, "hosts that share their builds through a registry", ({ address }) => {
  let world: World;
  let registry: Registry;
  let others: readonly PrivateEngine[] = [];
  beforeAll(async () => {
    others = [await startPrivateEngine(), await startPrivateEngine()];
  });
  afterAll(() => Promise.all(others.map((engine) => engine.stop())));
  beforeEach(async () => {
    world = await openWorld(address);
    registry = await startRegistry();
    config = await world.write(
      "fleet.json",
      JSON.stringify({
        options: { "gitea-local-build": { share: { registry: `${registry.host}/fleet`, push: true } } },
      }),
    );
  });
  afterEach(async () => {
    await world.close();
    await registry.stop();
  });
  let config: string;

  /** The variables of a host: its engine and its cache. */
  const host = (index: number): Record<string, string> => ({
    DOCKER_HOST: [address, ...others.map((engine) => engine.address)][index] ?? "",
    MOLECULE_LOCAL_BUILD_CACHE: join(world.cache, `host-${String(index)}`),
  });
  const ensure = (index: number) =>
    world.run(["ensure", "hermes", "--json", "--config", config, "--progress", "none"], host(index));
  const imageOf = (stdout: string): Image | undefined => (JSON.parse(stdout) as Answer).results?.[0]?.image;
  /** How often a commit was fetched, which equals how often it was built. */
  const builds = (): number =>
    world.forge.gitRequests().filter(({ path }) => path.includes("info/refs")).length;

  test("a later host pulls what the first one built: one build in total", async () => {
    await world.forge.addTemplate("hermes", helloTemplate({ message: "shared" }));
    const first = await ensure(0);
    const later = await Promise.all([1, 2, 1, 2, 1, 2, 1, 2, 1, 2].map(ensure));
    expect([first, ...later].map(({ status }) => status)).toEqual(Array(11).fill(0));
    expect(later.map(({ stderr }) => stderr)).toEqual(Array(10).fill(""));
    const images = [first, ...later].map(({ stdout }) => imageOf(stdout));
    expect(builds()).toBe(1);
    expect(new Set(images.map((image) => image?.["buildKey"])).size).toBe(1);
    expect(new Set(images.map((image) => image?.["imageId"])).size).toBe(1);
    // The name in the fleet's registry is not a name of the image on this host.
    const engine = createDockerEngine(() =>
      findEngineEndpoint({ env: { DOCKER_HOST: host(1)["DOCKER_HOST"] }, home: "/nonexistent" }),
    );
    const seen = await engine.inspectImage(String(images[1]?.["imageId"]));
    await engine.close();
    expect(seen?.tags.filter((tag) => tag.startsWith(registry.host))).toEqual([]);
    expect(seen?.tags).toContain(images[1]?.["reference"]);
  });

  test("thirty concurrent cold callers on three hosts cause at most one build per host", async () => {
    await world.forge.addTemplate("hermes", helloTemplate({ message: "at once" }));
    const outcomes = await Promise.all(Array.from({ length: 30 }, (_, index) => ensure(index % 3)));
    expect(outcomes.map(({ status }) => status)).toEqual(Array(30).fill(0));
    const images = outcomes.map(({ stdout }) => imageOf(stdout));
    expect(builds()).toBeGreaterThan(0);
    expect(builds()).toBeLessThanOrEqual(3);
    expect(new Set(images.map((image) => image?.["buildKey"])).size).toBe(1);
    for (const index of [0, 1, 2]) {
      const own = images.filter((_, caller) => caller % 3 === index);
      expect(new Set(own.map((image) => image?.["imageId"])).size).toBe(1);
      expect(own.filter((image) => image?.["cached"] === false)).toHaveLength(1);
    }
  }, 240_000);

  test("hosts that start together may each build the commit, and every later host pulls it", async () => {
    await world.forge.addTemplate("hermes", helloTemplate({ message: "together" }));
    // Two hosts on each engine, each with its own cache and local tags: none finds a lock or an image of another.
    const separate = (index: number) =>
      world.run(["ensure", "hermes", "--json", "--config", config, "--progress", "none"], {
        ...host(index % 3),
        MOLECULE_LOCAL_BUILD_CACHE: join(world.cache, `separate-${String(index)}`),
        MOLECULE_LOCAL_IMAGE_ISOLATION: `h${String(index)}--${world.isolation}`,
      });
    const together = await Promise.all([0, 1, 2, 3, 4, 5].map(separate));
    expect(together.map(({ status }) => status)).toEqual(Array(6).fill(0));
    const before = builds();
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThanOrEqual(6);

    const later = await Promise.all([6, 7, 8].map(separate));
    expect(later.map(({ status, stderr }) => [status, stderr])).toEqual(Array(3).fill([0, ""]));
    expect(builds()).toBe(before);
    const images = [...together, ...later].map(({ stdout }) => imageOf(stdout));
    expect(new Set(images.map((image) => image?.["buildKey"])).size).toBe(1);
  }, 240_000);

  test("a shared image that another caller of the engine removes after the pull is built", async () => {
    await world.forge.addTemplate("hermes", helloTemplate({ message: "removed" }));
    expect((await ensure(0)).status).toBe(0);
    const proxy = await startFaultProxy({ target: host(1)["DOCKER_HOST"] ?? "" });
    const removed = { status: 404, body: JSON.stringify({ message: "No such image: sha256:1729b1f5" }) };
    proxy.fault({ response: removed }, { method: "POST", path: /\/tag\?/, times: 1 });
    const env = { ...host(1), DOCKER_HOST: proxy.address };
    const args = ["ensure", "hermes", "--json", "--config", config, "--progress", "none"];
    const { status, stderr, stdout } = await world.run(args, env);
    await proxy.stop();
    expect([status, imageOf(stdout)?.["cached"]]).toEqual([0, false]);
    expect(stderr).toContain("cannot get the shared build; building it here");
    expect(builds()).toBe(2);
  });

  test("a registry that is down causes a warning, and every host builds for itself", async () => {
    await world.forge.addTemplate("hermes", helloTemplate({ message: "down" }));
    await registry.stop();
    for (const index of [0, 1]) {
      const { status, stderr, stdout } = await ensure(index);
      expect([status, imageOf(stdout)?.["cached"]]).toEqual([0, false]);
      expect(stderr).toContain("cannot get the shared build; building it here");
      expect(stderr).toContain("cannot share the image; it is used on this host only");
    }
    expect(builds()).toBe(2);
  });

  test("a registry that fails during a push causes a warning, and all thirty callers succeed", async () => {
    await world.forge.addTemplate("hermes", helloTemplate({ message: "away" }));
    const proxy = await startFaultProxy({ target: registry.host });
    const share = { registry: `${proxy.address}/fleet`, push: true };
    await world.write("fleet.json", JSON.stringify({ options: { "gitea-local-build": { share } } }));
    // One upload begins and never finishes, and the registry stops responding.
    proxy.fault({ hang: true }, { method: "PATCH" });
    const outage = (async () => {
      while (!proxy.requests.some(({ method }) => method === "PATCH"))
        await new Promise((resolve) => setTimeout(resolve, 5));
      await proxy.refuse();
      proxy.cut();
    })();
    const outcomes = await Promise.all(Array.from({ length: 30 }, (_, index) => ensure(index % 3)));
    await outage;
    await proxy.stop();
    expect(outcomes.map(({ status }) => status)).toEqual(Array(30).fill(0));
    expect(new Set(outcomes.map(({ stdout }) => imageOf(stdout)?.["buildKey"])).size).toBe(1);
    expect(outcomes.map(({ stderr }) => stderr).join("")).toContain(
      "cannot share the image; it is used on this host only",
    );
    expect(builds()).toBeLessThanOrEqual(3);
  }, 240_000);

  test("an image that only has the name of the shared build is never used", async () => {
    await world.forge.addTemplate("hermes", helloTemplate({ message: "true" }));
    await world.forge.addTemplate("codex", helloTemplate({ message: "impostor" }));
    const plan = (await world.json(["plan", "hermes", "--config", config], host(0))).answer.results?.[0]
      ?.image;
    const impostor = (await world.json(["ensure", "codex"], host(0))).answer.results?.[0]?.image;
    const name = `${registry.host}/fleet/workspace-template-hermes:bk-${String(plan?.["buildKey"]).slice(0, 32)}`;
    const engine = createDockerEngine(() =>
      findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
    );
    const report = { output: () => undefined, amount: () => undefined, quiet: () => undefined };
    await engine.tagImage(String(impostor?.["imageId"]), name);
    await engine.pushImage({ reference: name, report });
    await engine.removeImage(name);
    await engine.close();

    const { status, stderr, stdout } = await ensure(1);
    expect([status, imageOf(stdout)?.["imageId"]]).not.toEqual([0, impostor?.["imageId"]]);
    expect(status).toBe(0);
    expect(stderr).toContain("the shared build does not match its name; building it here");
    // This host pushed the real image: the next host pulls it.
    const before = builds();
    expect(imageOf((await ensure(2)).stdout)?.["imageId"]).toBe(imageOf(stdout)?.["imageId"]);
    expect(builds()).toBe(before);
  });
});
