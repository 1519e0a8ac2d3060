import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { describeWithEngine, startRegistry, type Registry } from "@molecule/test-fixtures";
import { helloTemplate, startFakeEngine, type FakeEngine } from "@molecule/testkit";
import { noEngine, openWorld, type World } from "./command-world.test.support.js";

describeWithEngine({ describe, test }, "MOLECULE_IMAGE_REGISTRY", ({ address }) => {
  let world: World;
  let registry: Registry;
  beforeAll(async () => {
    world = await openWorld(address);
    registry = await startRegistry();
    await world.forge.addTemplate("hermes", helloTemplate());
  });
  afterAll(async () => {
    await registry.stop();
    await world.close();
  });

  test.each([
    ["is unset", undefined],
    ["is empty", ""],
  ])("%s: builds the template locally", async (_what, value) => {
    const { status, answer } = await world.json(["ensure", "hermes"], { MOLECULE_IMAGE_REGISTRY: value });
    expect(status).toBe(0);
    expect(answer.results?.[0]?.image).toMatchObject({
      source: "gitea-local-build",
      reference: expect.stringMatching(/^molecule-local\//),
    });
  });

  test("is set: asks the registry only, even if it has no such image", async () => {
    const before = world.forge.requests.length;
    const { status, answer } = await world.json(["ensure", "hermes"], {
      MOLECULE_IMAGE_REGISTRY: `${registry.host}/acme`,
    });
    expect(status).toBe(3);
    expect(answer.results?.[0]?.error).toMatchObject({
      code: "SOURCE_NOT_FOUND",
      message: expect.stringContaining(`${registry.host}/acme/workspace-template-hermes:latest`),
      source: "registry-pull",
    });
    expect(world.forge.requests).toHaveLength(before);
  });

  test("is set to a registry that is down: fails as unreachable, without a local build", async () => {
    const before = world.forge.requests.length;
    const { status, stdout, stderr } = await world.run(["ensure", "hermes"], {
      MOLECULE_IMAGE_REGISTRY: "127.0.0.1:1",
    });
    expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
    expect(stderr).toContain("[SOURCE_UNREACHABLE]");
    expect(world.forge.requests).toHaveLength(before);
  });
});

describe("an invalid MOLECULE_IMAGE_REGISTRY", () => {
  let world: World;
  let engine: FakeEngine;
  beforeAll(async () => {
    engine = await startFakeEngine((_request, response) => response.end("[]"));
    world = await openWorld(noEngine);
  });
  afterEach(() => {
    expect(world.forge.requests).toEqual([]);
  });
  afterAll(async () => {
    await world.close();
    await engine.stop();
  });

  test.each([
    " ",
    "\t",
    "https://r.example.com",
    "r.example.com/",
    "r.example.com/Acme",
    "u:pa55word@r",
    "a b",
    "-",
    "$(id)",
  ])("%j is rejected before any server is contacted, even for an unknown runtime", async (value) => {
    const env = { MOLECULE_IMAGE_REGISTRY: value, DOCKER_HOST: engine.address };
    const before = engine.requests.length;
    for (const args of [
      ["ensure", "hermes"],
      ["plan", "hermes"],
      ["refresh", "nope"],
    ]) {
      const { status, answer } = await world.json(args, env);
      const error = answer.results?.[0]?.error;
      expect({ status, code: error?.code }).toEqual({ status: 2, code: "CONFIG_INVALID" });
      expect(error?.message).toContain("MOLECULE_IMAGE_REGISTRY");
      expect(error?.message).not.toContain("pa55word");
    }
    const ran = await world.json(["run", "hermes"], env);
    expect(ran).toMatchObject({ status: 2, answer: { error: { code: "CONFIG_INVALID" } } });
    expect(engine.requests).toHaveLength(before);
  });

  test.each([["config"], ["sources"], ["list"]])("%s still runs", async (command) => {
    const env = { MOLECULE_IMAGE_REGISTRY: "https://u:pa55word@r/", DOCKER_HOST: engine.address };
    for (const args of [[command], [command, "--json"]]) {
      const { status, stdout, stderr } = await world.run(args, env);
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout).not.toContain("pa55word");
    }
  });
});
