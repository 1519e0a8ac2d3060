import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { startFakeEngine, type FakeEngine } from "@molecule/testkit";
import { noEngine, openWorld, type World } from "./command-world.test.support.js";
import { describeWithTerminal, openTerminal, type TerminalSession } from "./terminal-session.test.support.js";

describeWithTerminal({ describe, test }, "molecule-image list in a terminal", () => {
  let world: World;
  let engine: FakeEngine;
  let terminal: TerminalSession;
  let hasImage = true;
  beforeAll(async () => {
    world = await openWorld(noEngine);
    const tags = ["molecule-local/workspace-template-hermes:17e6b70c04d9"];
    const labels = { "molecule.image.runtime": "hermes" };
    engine = await startFakeEngine(({ url = "" }, response) => {
      response.setHeader("content-type", "application/json");
      response.setHeader("server", "Docker/28.0.0");
      const Id = `sha256:${"1".repeat(64)}`;
      const image = {
        Id,
        RepoTags: tags,
        RepoDigests: [],
        Size: 1e6,
        Created: 1_700_000_000,
        Labels: labels,
      };
      const inspected = { ...image, Config: { Labels: labels }, Os: "linux", Architecture: "amd64" };
      if (url.startsWith("/images/json")) response.end(JSON.stringify(hasImage ? [image] : []));
      else response.end(JSON.stringify(url.startsWith("/images/") ? inspected : {}));
    });
  });
  afterEach(() => terminal.close());
  afterAll(async () => {
    await world.close();
    await engine.stop();
  });
  const open = async (): Promise<readonly string[]> => {
    const env = { DOCKER_HOST: engine.address };
    terminal = await openTerminal(world, ["list"], { columns: 120, rows: 24 }, env);
    return terminal.shows(/status=/);
  };

  test("prints a header", async () => {
    expect(await open()).toEqual([
      "before",
      expect.stringMatching(/^IMAGE +REVISION +PLATFORM +SIZE +AGE$/),
      expect.stringMatching(
        /^molecule-local\/workspace-template-hermes:17e6b70c04d9 .* linux\/amd64 +1\.0 MB +\d+ d$/,
      ),
      "status=0",
    ]);
    const { stdout } = await world.run(["list"], { DOCKER_HOST: engine.address });
    expect(stdout).toMatch(/^molecule-local[^\n]+\n$/);
  });

  test("says that there are no images", async () => {
    hasImage = false;
    expect(await open()).toEqual(["before", "no images of workspace runtimes on this engine", "status=0"]);
    expect((await world.run(["list"], { DOCKER_HOST: engine.address })).stdout).toBe("");
  });
});
