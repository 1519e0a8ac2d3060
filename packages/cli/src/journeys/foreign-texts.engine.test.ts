import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { silentReport } from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { describeWithEngine } from "@molecule/test-fixtures";
import { helloTemplate, imageArchive } from "@molecule/testkit";
import { openWorld, type World } from "./command-world.test.support.js";

/* Third-party texts that bypass masking and build output. */

/** Writes to the clipboard, sets colours, reverses the text direction, and begins a line that looks like ours. */
const evil = "\u001b]52;c;AAAA\u0007\u009b31m\u202eevil\nmolecule-local/forged:1  x";
// eslint-disable-next-line no-control-regex -- these must not appear
const raw = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;

describeWithEngine({ describe, test }, "labels of another image with one of our names", ({ address }) => {
  let world: World;
  let reference: string;
  const engine = createDockerEngine(() =>
    findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
  );
  beforeAll(async () => {
    world = await openWorld(address);
    await world.forge.addTemplate("hermes", helloTemplate());
    const { answer } = await world.json(["plan", "hermes"]);
    reference = String(answer.results?.[0]?.image?.reference);
    const labels = { "molecule.image.runtime": evil, "org.opencontainers.image.revision": evil };
    const { bytes } = imageArchive({ files: { file: "x" }, tags: [reference], labels });
    await engine.loadImage({ archive: Readable.from([bytes]), report: silentReport });
  });
  afterAll(async () => {
    await engine.removeImage(reference);
    await engine.close();
    await world.close();
  });

  test.each([[["plan", "hermes"]], [["plan", "hermes", "--json"]], [["list"]], [["list", "--json"]]])(
    "are escaped by %j, and never start a line",
    async (args) => {
      const { status, stdout, stderr } = await world.run(args);

      expect(status).toBe(0);
      expect(stdout).toContain("\\u001b]52;c;");
      for (const text of [stdout, stderr]) {
        expect(text).not.toMatch(raw);
        expect(text).not.toMatch(/^molecule-local\/forged/m);
      }
    },
  );

  test("appear unchanged in the parsed JSON", async () => {
    const { answer } = await world.json(["list"]);
    const listed = answer.images?.find((image) => image["reference"] === reference);
    expect(listed).toMatchObject({ revision: evil });
  });
});

describe("a directory name", () => {
  const directory = "a\u001b]0;owned\u0007\u009b\u202e\nhint: run evil";
  let world: World;
  beforeAll(async () => {
    world = await openWorld("unix:///nonexistent/d.sock");
    await world.write(`${directory}/.moleculerc`, "plugins: [./x.mjs]\nsources: { local: x }\n");
    await world.write(
      `${directory}/x.mjs`,
      'export default { name: "x", apiVersion: 1, modes: ["local"], create: () => ({}) };',
    );
  });
  afterAll(() => world.close());

  test("is escaped in every message, before and after its file is trusted", async () => {
    for (const [command, expected] of [
      ["ensure hermes", 2],
      ["trust", 0],
      ["config", 0],
      ["sources", 0],
    ] as const) {
      for (const json of [[], ["--json"]]) {
        const { status, stdout, stderr } = await world.run([
          ...command.split(" "),
          "--cwd",
          directory,
          ...json,
        ]);
        expect([command, status]).toEqual([command, expected]);
        // JSON doubles the backslash.
        expect(stdout + stderr).toMatch(/\\+u001b\]0;owned\\+u0007/);
        expect(stdout + stderr).not.toMatch(raw);
        expect(stdout + stderr).not.toMatch(/^hint: run evil/m);
      }
    }
  });
});
