import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { helloTemplate } from "@molecule/testkit";
import { noEngine, openWorld, type World } from "./command-world.test.support.js";
import { processesOf, startEmptyEngine } from "./waiting.test.support.js";

const token = "tok-0123456789abcdef";
let world: World;
beforeAll(async () => {
  world = await openWorld(noEngine);
});
afterAll(() => world.close());

/** Configures a plugin that throws outside any handler while the command waits for the forge. */
async function configWith(statement: string): Promise<string> {
  const plugin = `
    const definePlugin = { name: "stray", apiVersion: 1, modes: ["local"], create: () => ({
      name: "stray",
      resolve: () => new Promise(() => { setTimeout(() => { ${statement} }, 10); setTimeout(() => undefined, 20_000); }),
      find: () => undefined,
      provide: () => undefined,
    }) };
    export default definePlugin;`;
  await world.write("stray.mjs", plugin);
  return world.write(
    "stray.json",
    JSON.stringify({ plugins: ["./stray.mjs"], sources: { local: "stray" }, timeout: "20s" }),
  );
}

test.each([
  ["an exception", `throw Object.assign(new Error("no: ${token}\\u001b[2J"), { headers: "${token}" })`],
  ["a rejection", `void Promise.reject(new Error("no: ${token}\\u001b[2J"))`],
  ["a rejection with a text", `void Promise.reject("no: ${token}\\u001b[2J")`],
  [
    "one after the other",
    `setTimeout(() => { throw new Error("${token}") }); throw new Error("no: ${token}\\u001b[2J")`,
  ],
])(
  "%s that nothing catches is reported as INTERNAL, without secrets or a stack",
  async (_what, statement) => {
    const config = await configWith(statement);

    const { status, stdout, stderr } = await world.run(["ensure", "hermes", "--config", config], {
      MOLECULE_GITEA_TOKEN: token,
    });

    expect({ status, stdout }).toEqual({ status: 70, stdout: "" });
    expect(stderr).toMatch(/^molecule-image: .*no: \*\*\*\\u001b\[2J \[INTERNAL\]$/m);
    expect(stderr).not.toContain(token);
    expect(stderr).not.toContain("    at ");
    expect(stderr).not.toContain("\u001b");
  },
);

test("appears in the --json output", async () => {
  const config = await configWith(`throw new Error("no: ${token}")`);

  const { status, answer } = await world.json(["ensure", "hermes", "--config", config], {
    MOLECULE_GITEA_TOKEN: token,
  });

  expect(status).toBe(70);
  expect(answer).toMatchObject({
    results: [],
    error: { code: "INTERNAL", message: "internal error: Error: no: ***" },
  });
});

test("still lets the command clean up", async () => {
  await world.forge.addTemplate("hermes", helloTemplate());
  world.forge.fault("git", { hang: true });
  const engine = await startEmptyEngine();
  // Loaded before the command: it throws once git is running.
  const stray = await world.write(
    "stray.cjs",
    `const { subscribe } = require("node:diagnostics_channel");
     subscribe("child_process", ({ process: child }) => setTimeout(() => {
       if (child.spawnargs?.includes("fetch")) throw new Error("stray");
     }, 100));`,
  );

  const env = { DOCKER_HOST: engine.address, NODE_OPTIONS: `--require=${stray}` };
  const { status, answer } = await world.json(["ensure", "hermes"], env);

  expect([status, answer.error?.code]).toEqual([70, "INTERNAL"]);
  expect(await processesOf(world.forge.baseUrl)).toEqual([]);
  expect(await world.checkouts("hermes")).toEqual([]);
  world.forge.clearFaults();
  await engine.stop();
});
