import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { helloTemplate, startFakeEngine } from "@molecule/testkit";
import { noEngine, openWorld, type World } from "./command-world.test.support.js";

let world: World;
beforeAll(async () => {
  world = await openWorld(noEngine);
  await world.forge.addTemplate("hermes", helloTemplate());
});
afterAll(() => world.close());

const sources: readonly (readonly [string, string, string])[] = [
  ["buildkit", "{ into: registry, registry: 127.0.0.1:1/team }", "into: engine"],
  ["buildah", "{}", "into: docker"],
];

async function writeConfig(name: string, options: string): Promise<string> {
  const lines = ["sources:", `  local: ${name}`, "options:", `  ${name}: ${options}`];
  return world.write(`${name}.yaml`, `${lines.join("\n")}\n`);
}

test.each(sources)(
  "run with %s %s is refused before anything is contacted",
  async (name, options, remedy) => {
    const config = await writeConfig(name, options);
    const requests = world.forge.requests.length;

    const { status, answer } = await world.json(["run", "hermes", "--config", config]);
    expect(status).toBe(4);
    expect(answer.error).toMatchObject({
      code: "CONTAINER_FAILED",
      message: expect.stringContaining(`the images of the source ${name} are in a`),
      hint: expect.stringContaining(remedy),
    });

    const unknown = await world.json(["run", "hermse", "--config", config]);
    expect(unknown).toMatchObject({ status: 2, answer: { error: { code: "RUNTIME_UNKNOWN" } } });
    expect(world.forge.requests).toHaveLength(requests);
  },
);

test.each(sources)(
  "list with %s %s warns that it cannot list the images of that source",
  async (name, options) => {
    const config = await writeConfig(name, options);
    const engine = await startFakeEngine((_request, response) => response.end("[]"));
    try {
      const env = { DOCKER_HOST: engine.address };
      const { status, stdout, stderr } = await world.run(["list", "--config", config], env);
      expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
      expect(stderr).toMatch(/ warn cannot list the images of the source: they are in no container engine /);
      expect(stderr).toContain(`source="${name}"`);
      const json = await world.run(["list", "--json", "--config", config], env);
      expect(json).toMatchObject({ status: 0, stdout: '{"images":[]}\n' });
    } finally {
      await engine.stop();
    }
  },
);
