import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { noEngine, openWorld, type World } from "./command-world.test.support.js";

let world: World;
beforeAll(async () => {
  world = await openWorld(noEngine);
});
afterAll(() => world.close());

test.each([
  ["", "pulled"],
  ['step: "load"', "loaded"],
])("plan of a source whose resolution has %j says that the image would be %s", async (member, verb) => {
  await world.write(
    "archive.mjs",
    `export default {
      name: "archive", apiVersion: 1, modes: ["local"],
      create: () => ({
        name: "archive",
        resolve: async (runtime) => ({
          runtime, reference: "acme/" + runtime + ":1", revision: null, buildKey: null, platform: "linux/amd64", ${member}
        }),
        find: async () => ({ hit: false, why: process.env.WHY ?? "it is only in the archive" }),
        provide: async () => { throw new Error(); },
      }),
    };`,
  );
  const config = await world.write(
    "archive.yaml",
    'sources: { local: archive }\nplugins: ["./archive.mjs"]\n',
  );
  const { stdout, stderr } = await world.run(["plan", "hermes", "--config", config]);
  expect(stderr).toBe("");
  expect(stdout).toContain(`hermes: acme/hermes:1 would be ${verb}: it is only in the archive\n`);
  // The reference is not printed twice.
  const { stdout: shorter } = await world.run(["plan", "hermes", "--config", config], {
    WHY: "image not found: acme/hermes:1",
  });
  expect(shorter).toContain(`hermes: acme/hermes:1 would be ${verb}: image not found\n`);
});
