import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { noEngine, openWorld, type World } from "./command-world.test.support.js";

let world: World;
beforeEach(async () => {
  world = await openWorld(noEngine);
});
afterEach(() => world.close());

/** Returns the code of the failure, undefined if there is none. */
const codeOf = async (args: readonly string[]): Promise<string | null | undefined> =>
  (await world.json(args)).answer.error?.code;

test("applies a project file once it is trusted, until it or its plugin file changes", async () => {
  const project = ["plugins: [./mine.mjs]", "sources: { local: mine }"].join("\n");
  const plugin =
    'export default { name: "mine", apiVersion: 1, modes: ["local"], create() { return {}; } };\n';
  const file = await world.write("my project/.moleculerc", project);
  await world.write("my project/mine.mjs", plugin);
  const sources = ["sources", "--cwd", "my project"];

  const refused = await world.json(sources);
  expect(refused).toMatchObject({ status: 2, answer: { error: { code: "CONFIG_UNTRUSTED" } } });
  expect(refused.answer.error?.hint).toMatch(`molecule-image trust '${file}'`);

  const { status, stdout, stderr } = await world.run(["trust", "--json", file]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(JSON.parse(stdout)).toEqual({
    trusted: { path: file, digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as unknown },
  });
  const counted = await world.json(sources);
  expect(counted.answer.sources).toContainEqual(expect.objectContaining({ name: "mine", selected: true }));

  await world.write("my project/mine.mjs", `${plugin}\n`);
  expect(await codeOf(sources)).toBe("CONFIG_UNTRUSTED");
  expect((await world.run(["trust", "--cwd", "my project"])).stdout).toMatch(
    /^trusted .+ \(sha256:[0-9a-f]{64}\)\n$/,
  );
  expect(await codeOf(sources)).toBeUndefined();

  await world.write("my project/.moleculerc", `${project}\ncacheDir: ./c\n`);
  expect(await codeOf(sources)).toBe("CONFIG_UNTRUSTED");
});

test("trust rejects a missing file, an invalid one, and two at the same time", async () => {
  expect(await codeOf(["trust"])).toBe("CONFIG_INVALID");
  expect(await codeOf(["trust", "gone"])).toBe("CONFIG_INVALID");
  await world.write(".moleculerc", "timeuot: 1m\n");
  expect(await codeOf(["trust"])).toBe("CONFIG_INVALID");
  expect(await codeOf(["trust", "a", "b"])).toBe("USAGE");
});
