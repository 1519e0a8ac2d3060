import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { silentReport } from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { describeWithEngine, startRegistry, type Registry } from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import {
  noEngine,
  openWorld,
  templateWith,
  type RunningCommand,
  type World,
} from "./command-world.test.support.js";
import { runShell } from "./shell.test.support.js";
import { processesOf, until } from "./waiting.test.support.js";

/** Returns the stdout so far. */
function listen({ child }: RunningCommand): () => string[] {
  let stdout = "";
  child.stdout?.on("data", (text: string) => (stdout += text));
  return () => stdout.split("\n").slice(0, -1);
}

const once = (): string => `RUN : ${randomBytes(4).toString("hex")}`;

describeWithEngine({ describe, test }, "molecule-image watch", ({ address }) => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(address);
  });
  afterEach(() => world.close());

  test("exits once stdout has no reader, without waiting for another image", async () => {
    await world.forge.addTemplate("hermes", helloTemplate());
    // An hour until the next poll.
    const script = '"$@" | head -1; echo ${PIPESTATUS[0]}';
    const { stdout, stderr } = await runShell(world, script, ["watch", "hermes", "--every", "1h", "--quiet"]);
    expect(stdout).toMatch(/^hermes \S+ sha256:[0-9a-f]{64}\n1\n$/);
    expect(stderr).toBe("molecule-image: cannot write to stdout: broken pipe\n");
    expect(await processesOf(world.forge.baseUrl)).toEqual([]);
  });

  test("builds each commit once, polls with one request if nothing changed, and exits on SIGINT", async () => {
    const first = await world.forge.addTemplate("hermes", helloTemplate());
    const watch = world.start(["watch", "hermes", "--every", "1s"]);
    const lines = listen(watch);
    await until(() => lines().length === 1);
    await until(() => world.forge.apiRequests().length >= 5);
    expect(world.forge.gitRequests().length).toBeGreaterThan(0);
    const gitRequests = world.forge.gitRequests().length;

    const second = await world.forge.commit("hermes", templateWith(once()));
    await until(() => lines().length === 2);
    const requests = world.forge.apiRequests().length;
    await until(() => world.forge.apiRequests().length >= requests + 3);
    watch.child.kill("SIGINT");
    const { status, stdout, stderr } = await watch.done;

    expect(status).toBe(130);
    const printed = stdout.trimEnd().split("\n");
    expect(printed).toHaveLength(2);
    for (const [index, sha] of [first, second].entries()) {
      expect(printed[index]).toMatch(
        new RegExp(
          `^hermes molecule-local/workspace-template-hermes:${sha.slice(0, 12)}--\\S+ sha256:[0-9a-f]{64}$`,
        ),
      );
    }
    expect(stderr.match(/hermes: build done/g)).toHaveLength(2);
    expect(stderr.match(/ \[[A-Z_]+\]$/gm)).toEqual([" [CANCELLED]"]);
    // One fetch each.
    expect(world.forge.gitRequests()).toHaveLength(2 * gitRequests);
    expect(await readdir(join(world.cache, "locks"))).toEqual([]);
    // A caller that asks now does not wait.
    const { answer } = await world.json(["ensure", "hermes"]);
    expect(answer.results?.[0]?.image).toMatchObject({ cached: true, revision: second });
  });

  test("prints one JSON line per image or failure, and does not rebuild a failed commit on every poll", async () => {
    await world.forge.addTemplate("hermes", templateWith(`${once()}; exit 3`));
    await world.forge.addTemplate("codex", helloTemplate());
    const watch = world.start(["watch", "hermes", "codex", "--every", "1s", "--json"]);
    const lines = listen(watch);
    await until(() => lines().length === 2);
    const requests = world.forge.apiRequests().length;
    await until(() => world.forge.apiRequests().length >= requests + 3);
    const mended = await world.forge.commit("hermes", helloTemplate());
    await until(() => lines().some((line) => line.includes(mended)));
    watch.child.kill("SIGTERM");
    const { status, stdout, stderr } = await watch.done;
    expect(status).toBe(143);
    const records = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { runtime: string; ok: boolean });
    expect(records.filter(({ runtime }) => runtime === "codex")).toEqual([
      {
        time: expect.any(String),
        runtime: "codex",
        ok: true,
        image: expect.objectContaining({ source: "gitea-local-build" }),
      },
    ]);
    const hermes = records.filter(({ runtime }) => runtime === "hermes");
    expect(hermes[0]).toMatchObject({ ok: false, error: { code: "BUILD_FAILED" }, retryInMs: 2000 });
    expect(hermes.at(-1)).toMatchObject({ ok: true, image: { revision: mended } });
    expect(stderr.match(/hermes: build failed/g)?.length).toBe(hermes.length - 1);
    expect(hermes.length).toBeLessThanOrEqual(3);
  });

  test("a signal during a build leaves nothing partial behind", async () => {
    const sha = await world.forge.addTemplate(
      "hermes",
      templateWith(`RUN echo begun-${once().slice(6)} && /bin/sleep 45`),
    );
    const watch = world.start(["watch", "hermes"]);
    await watch.untilPrinted("build | begun-");
    const at = performance.now();
    watch.child.kill("SIGTERM");
    const { status, stdout } = await watch.done;
    expect({ status, stdout }).toEqual({ status: 143, stdout: "" });
    expect(performance.now() - at).toBeLessThan(30_000);
    expect(await readdir(join(world.cache, "locks"))).toEqual([]);
    expect((await world.checkouts("hermes")).filter((name) => name !== sha.slice(0, 12))).toEqual([]);
  });

  describe("in registry mode", () => {
    const engine = createDockerEngine(() =>
      findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
    );
    let registry: Registry;
    let reference: string;
    beforeEach(async () => {
      registry = await startRegistry();
      reference = `${registry.host}/acme/workspace-template-hermes:latest`;
      await world.forge.addTemplate("hermes", helloTemplate());
    });
    afterEach(async () => {
      await engine.removeImage(reference);
      await registry.stop();
    });
    afterAll(() => engine.close());

    /** Builds the current template and pushes it; returns its ID. */
    async function push(): Promise<string> {
      const { answer } = await world.json(["ensure", "hermes"]);
      const imageId = String(answer.results?.[0]?.image?.["imageId"]);
      await engine.tagImage(imageId, reference);
      await engine.pushImage({ reference, report: silentReport });
      await engine.removeImage(reference);
      return imageId;
    }
    const watching = (pullPolicy: string): RunningCommand =>
      world.start(["watch", "hermes", "--every", "1s"], {
        MOLECULE_IMAGE_REGISTRY: `${registry.host}/acme`,
        MOLECULE_CONFIG: `${pullPolicy}.yaml`,
      });

    test("polls the registry if the policy allows it, and reports new images", async () => {
      await world.write("always.yaml", "options: { registry-pull: { pullPolicy: always } }\n");
      const first = await push();
      const watch = watching("always");
      const lines = listen(watch);
      await until(() => lines().length === 1);
      await world.forge.commit("hermes", templateWith(once()));
      const second = await push();
      await until(() => lines().length === 2);
      watch.child.kill("SIGINT");
      expect(await watch.done).toMatchObject({
        status: 130,
        stdout: `hermes ${reference} ${first}\nhermes ${reference} ${second}\n`,
      });
    });

    test("warns that the policy never checks for a new image", async () => {
      await world.write(
        "missing.yaml",
        "options: { registry-pull: { pullPolicy: { default: always, hermes: missing } } }\n",
      );
      const imageId = await push();
      const watch = watching("missing");
      const lines = listen(watch);
      await watch.untilPrinted("does not check for newer images");
      await until(() => lines().length === 1);
      watch.child.kill("SIGINT");
      expect(await watch.done).toMatchObject({ status: 130, stdout: `hermes ${reference} ${imageId}\n` });
    });
  });

  test("continues when the forge is back", async () => {
    await world.forge.addTemplate("hermes", helloTemplate());
    world.forge.fault("api", { status: 404 });
    const watch = world.start(["watch", "hermes", "--every", "1s"]);
    const lines = listen(watch);
    await watch.untilPrinted("[SOURCE_NOT_FOUND]");
    expect(lines()).toEqual([]);
    world.forge.clearFaults();
    await until(() => lines().length === 1);
    watch.child.kill("SIGINT");
    expect((await watch.done).status).toBe(130);
  });
});

describe("molecule-image watch, with invalid arguments", () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(noEngine);
  });
  afterEach(() => world.close());

  test.each([
    [["watch"], "USAGE"],
    [["watch", "hermes", "--every", "soon"], "USAGE"],
    [["watch", "hermes", "--every", "10ms"], "USAGE"],
    [["watch", "hermes", "nonsense"], "RUNTIME_UNKNOWN"],
  ])("%j fails with %s", async (args, code) => {
    const { status, stderr } = await world.run(args);
    expect(status).toBe(2);
    expect(stderr).toContain(`[${code}]`);
  });
});
