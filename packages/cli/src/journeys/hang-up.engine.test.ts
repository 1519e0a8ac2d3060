import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { ContainerEngine } from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { describeWithEngine } from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { noEngine, openWorld, type World } from "./command-world.test.support.js";
import { describeWithTerminal, openTerminal } from "./terminal-session.test.support.js";
import { processesOf, startEmptyEngine, until } from "./waiting.test.support.js";

const size = { columns: 100, rows: 20 };

describeWithTerminal({ describe, test }, "closing a terminal", () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(noEngine);
  });
  afterEach(() => world.close());

  test("stops the command and git during a fetch, and leaves no files", async () => {
    const engine = await startEmptyEngine();
    await world.forge.addTemplate("hermes", helloTemplate());
    world.forge.fault("git", { hang: true });
    const terminal = await openTerminal(world, ["ensure", "hermes"], size, { DOCKER_HOST: engine.address });
    await until(() => world.forge.gitRequests().length > 0);
    expect(await processesOf(world.forge.baseUrl)).not.toEqual([]);

    await terminal.close();

    await until(async () => (await processesOf(world.forge.baseUrl)).length === 0);
    expect(await world.checkouts("hermes")).toEqual([]);
    expect(await readdir(join(world.cache, "locks"))).toEqual([]);
    await engine.stop();
  });

  test.each([["plan", "hermes"], ["watch", "hermes"], ["doctor"]])(
    "stops the command while %s waits",
    async (...args) => {
      await world.forge.addTemplate("hermes", helloTemplate());
      world.forge.fault("api", { hang: true });
      const terminal = await openTerminal(world, args, size);
      await until(() => world.forge.apiRequests().length > 0);

      await terminal.close();

      await until(async () => (await processesOf(world.forge.baseUrl)).length === 0);
    },
  );
});

describeWithEngine({ describe, test }, "closing a terminal with an attached container", ({ address }) => {
  let world: World;
  let engine: ContainerEngine;
  beforeEach(async () => {
    engine = createDockerEngine(() =>
      findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
    );
    world = await openWorld(address);
    await world.forge.addTemplate("hermes", helloTemplate());
  });
  afterEach(async () => {
    await engine.close();
    await world.close();
  });

  test.each([
    ["hangs it up", "trap 'exit 0' HUP; echo ready; while :; do sleep 0.05; done"],
    ["stops one that goes on writing", "echo ready; while :; do echo on; sleep 0.05; done"],
  ])("%s", async (_what, script) => {
    const name = `mol-cli-${randomBytes(4).toString("hex")}`;
    const args = ["run", "hermes", "--name", name, "--rm", "--", "sh", "-c", script];
    const terminal = await openTerminal(world, args, size);
    try {
      await terminal.shows(/ready|on/);
      await terminal.close();
      await until(async () => (await engine.inspectContainer(name)) === undefined);
      await until(async () => (await processesOf(world.forge.baseUrl)).length === 0);
    } finally {
      await engine.removeContainer(name, { force: true });
    }
  });
});
