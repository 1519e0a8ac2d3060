import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startFakeEngine, type FakeEngine } from "@molecule/testkit";
import { noEngine, openWorld, type World } from "./command-world.test.support.js";

describe("molecule-image with a forge that is down", () => {
  let world: World;
  let engine: FakeEngine;
  beforeAll(async () => {
    engine = await startFakeEngine((_request, response) => response.end("{}"));
    world = await openWorld(noEngine);
    await world.forge.stop();
  });
  afterAll(async () => {
    await world.close();
    await engine.stop();
  });

  test.each(["ensure", "plan", "refresh"])(
    "%s says so within seconds and asks nobody else",
    async (command) => {
      const env = { DOCKER_HOST: engine.address };
      const { status, stdout, stderr, durationMs } = await world.run([command, "hermes"], env);
      expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
      expect(durationMs).toBeLessThan(8_000);
      expect(stderr).toContain("[SOURCE_UNREACHABLE]");
      expect(stderr).toContain(world.forge.baseUrl);
      expect(stderr).toMatch(/^ {2}hint: .+$/m);
      const { answer } = await world.json([command, "hermes"], env);
      expect(answer.results?.[0]?.error).toMatchObject({
        code: "SOURCE_UNREACHABLE",
        source: "gitea-local-build",
        step: "resolve",
      });
      expect(engine.requests).toEqual([]);
    },
  );

  test("a prefix that is none is CONFIG_INVALID, without what may be a password", async () => {
    const env = {
      MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: "https://user:pa55word@forge.example.com/acme/template-",
    };
    const { status, answer } = await world.json(["ensure", "hermes"], env);
    expect({ status, code: answer.results?.[0]?.error?.code }).toEqual({ status: 2, code: "CONFIG_INVALID" });
    expect(JSON.stringify(answer)).not.toContain("pa55word");
  });
});
