import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { noEngine, openWorld, type World } from "./command-world.test.support.js";

let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

describeWithEngine({ describe, test }, "a .moleculerc", ({ address }) => {
  test("adds runtimes, in subdirectories and with --cwd", async () => {
    world = await openWorld(address);
    const sha = await world.forge.addTemplate("my-agent", helloTemplate());
    expect((await world.json(["ensure", "my-agent"])).answer.results?.[0]?.error).toMatchObject({
      code: "RUNTIME_UNKNOWN",
      hint: expect.stringContaining("runtimes"),
    });
    await world.write("project/.moleculerc", "runtimes: { add: [my-agent] }\n");
    await world.write("project/deep/er/file", "");
    const { status, answer } = await world.json(["ensure", "my-agent", "--cwd", "project/deep/er"]);
    expect(status).toBe(0);
    expect(answer.results?.[0]?.image).toMatchObject({ revision: sha });
    expect((await world.run(["plan", "my-agent", "--config", "project/.moleculerc"])).status).toBe(0);
  });
});

describe("an untrusted .moleculerc", () => {
  test.each([
    [
      "a repository prefix",
      { options: { "gitea-local-build": { repoPrefix: "http://127.0.0.1:1/evil/template-" } } },
    ],
    ["a plugin", { plugins: ["./evil.mjs"] }],
    ["an engine", { engine: "tcp://127.0.0.1:1" }],
    ["a cache", { cacheDir: "/tmp/elsewhere" }],
    ["build arguments", { options: { "gitea-local-build": { buildArgs: { A: "b" } } } }],
  ])("with %s fails with CONFIG_UNTRUSTED, and runs nothing", async (_what, content) => {
    world = await openWorld(noEngine);
    const path = await world.write(".moleculerc", JSON.stringify(content));
    const ran = join(world.cwd, "ran");
    await world.write(
      "evil.mjs",
      `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(ran)}, "");`,
    );
    const { status, answer } = await world.json(["ensure", "hermes"]);
    expect(status).toBe(2);
    expect(Object.keys(answer).sort()).toEqual(["error", "results"]);
    expect(answer.results).toEqual([]);
    expect(answer.error).toMatchObject({ code: "CONFIG_UNTRUSTED", message: expect.stringContaining(path) });
    expect(answer.error?.hint).toMatch(/^.+$/);
    await expect(writeFile(ran, "", { flag: "wx" })).resolves.toBeUndefined();
    expect(world.forge.requests).toEqual([]);
  });

  test("reports all mistakes together, each with its path and the closest valid key", async () => {
    world = await openWorld(noEngine);
    await world.write(".moleculerc", JSON.stringify({ timeuot: "5m", platform: 7, runtimes: { add: "x" } }));
    const { status, answer } = await world.json(["plan", "hermes"]);
    expect(status).toBe(2);
    expect(answer.error?.code).toBe("CONFIG_INVALID");
    for (const part of ["timeuot", "timeout", "platform", "runtimes.add"])
      expect(answer.error?.message).toContain(part);
  });
});
