import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { ContainerEngine } from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { describeWithEngine } from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { openWorld, templateWith, type World } from "../journeys/command-world.test.support.js";
import { processesOf, until } from "../journeys/waiting.test.support.js";

const signals = [
  ["SIGHUP", 129],
  ["SIGINT", 130],
  ["SIGQUIT", 131],
  ["SIGTERM", 143],
] as const;

/** Returns the command lines of git processes that work for a forge. */
const gitOf = async (baseUrl: string): Promise<string[]> =>
  (await processesOf(baseUrl)).filter((line) => line.includes("git"));

describeWithEngine({ describe, test }, "an interrupted molecule-image", ({ address }) => {
  let world: World;
  let engine: ContainerEngine;
  beforeEach(async () => {
    engine = createDockerEngine(() =>
      findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
    );
    world = await openWorld(address);
  });
  afterEach(async () => {
    await engine.close();
    await world.close();
  });

  // A step that no other build has cached.
  const slowStep = (): string => `RUN echo begun-${randomBytes(4).toString("hex")} && /bin/sleep 45`;

  test.each(signals)(
    "exits with its status on %s during a build, and leaves nothing partial behind",
    async (signal, expected) => {
      const sha = await world.forge.addTemplate("hermes", templateWith(slowStep()));
      const running = world.start(["ensure", "hermes", "--json", "--progress", "plain"]);
      await running.untilPrinted("build | begun-");
      const at = performance.now();
      running.child.kill(signal);
      const { status, stdout } = await running.done;
      expect(status).toBe(expected);
      expect(performance.now() - at).toBeLessThan(30_000);
      expect(JSON.parse(stdout)).toMatchObject({
        results: [{ runtime: "hermes", ok: false, error: { code: "CANCELLED" } }],
      });
      expect(await gitOf(world.forge.baseUrl)).toEqual([]);
      expect((await world.checkouts("hermes")).filter((name) => name !== sha.slice(0, 12))).toEqual([]);
      expect(await readdir(join(world.cache, "locks"))).toEqual([]);
      const images = await engine.listImages({ labels: [`org.opencontainers.image.revision=${sha}`] });
      expect(images).toEqual([]);
    },
  );

  test.each(signals)("stops git on %s during a fetch, and the next call works", async (signal, expected) => {
    const sha = await world.forge.addTemplate("hermes", helloTemplate());
    world.forge.fault("git", { hang: true });
    const running = world.start(["ensure", "hermes"]);
    await until(() => world.forge.gitRequests().length > 0);
    expect(await gitOf(world.forge.baseUrl)).not.toEqual([]);
    running.child.kill(signal);
    // A terminal that closes sends the signal twice.
    if (signal === "SIGHUP") running.child.kill(signal);
    const { status, stdout, stderr } = await running.done;
    expect({ status, stdout }).toEqual({ status: expected, stdout: "" });
    expect(stderr).toContain("[CANCELLED]");
    expect(await gitOf(world.forge.baseUrl)).toEqual([]);
    expect(await world.checkouts("hermes")).toEqual([]);
    world.forge.clearFaults();
    const { answer } = await world.json(["ensure", "hermes"]);
    expect(answer.results?.[0]?.image).toMatchObject({ revision: sha });
  });

  test("stops git on a second signal during a fetch", async () => {
    await world.forge.addTemplate("hermes", helloTemplate());
    world.forge.fault("git", { hang: true });
    const running = world.start(["ensure", "hermes"]);
    await until(() => world.forge.gitRequests().length > 0);
    running.child.kill("SIGINT");
    running.child.kill("SIGTERM");
    await running.done;
    await until(async () => (await gitOf(world.forge.baseUrl)).length === 0);
  });

  test("exits while the forge has not responded", async () => {
    await world.forge.addTemplate("hermes", helloTemplate());
    world.forge.fault("api", { hang: true });
    const running = world.start(["plan", "hermes", "codex"]);
    await until(() => world.forge.apiRequests().length > 1);
    running.child.kill("SIGINT");
    const { status, stderr } = await running.done;
    expect(status).toBe(130);
    expect(stderr).toBe("molecule-image: cancelled by SIGINT [CANCELLED]\n");
  });

  test("exits immediately on a second signal, whatever the first one waits for", async () => {
    await world.forge.addTemplate("hermes", helloTemplate());
    const name = `mol-cli-${randomBytes(4).toString("hex")}`;
    const script = "trap 'echo heard >&2' INT; echo ready >&2; while :; do sleep 0.05; done";
    const running = world.start(["run", "hermes", "--name", name, "--", "sh", "-c", script]);
    try {
      await running.untilPrinted("ready");
      running.child.kill("SIGINT");
      await running.untilPrinted("heard");
      running.child.kill("SIGINT");
      expect((await running.done).status).toBe(130);
    } finally {
      await engine.removeContainer(name, { force: true });
    }
  });
});
