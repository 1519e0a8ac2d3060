import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { helloTemplate } from "@molecule/testkit";
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

test.each(sources)(
  "run with %s %s is refused before anything is contacted",
  async (name, options, remedy) => {
    const lines = ["sources:", `  local: ${name}`, "options:", `  ${name}: ${options}`];
    const config = await world.write(`${name}.yaml`, `${lines.join("\n")}\n`);
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
