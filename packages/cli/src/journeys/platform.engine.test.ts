import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/test-fixtures";
import { openWorld, type World } from "./command-world.test.support.js";

describeWithEngine({ describe, test }, "the platform of a build", ({ address }) => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(address);
    for (const runtime of ["hermes", "codex"])
      await world.forge.addTemplate(runtime, { Dockerfile: "FROM scratch\nCOPY a /a\n", a: runtime });
  });
  afterEach(() => world.close());

  const own = process.arch === "x64" ? "linux/amd64" : `linux/${process.arch}`;
  const foreign = own === "linux/amd64" ? "linux/arm64" : "linux/amd64";

  test("one warning says that builds for another platform are emulated, and how to build natively", async () => {
    const emulated = await world.run(["ensure", "hermes", "codex", "--platform", foreign]);
    expect(emulated.status).toBe(0);
    const warnings = emulated.stderr.split("\n").filter((line) => line.includes("the build is emulated"));
    expect(warnings).toEqual([expect.stringMatching(`MOLECULE_IMAGE_PLATFORM=native`)]);

    const found = await world.run(["ensure", "hermes", "codex", "--platform", foreign]);
    expect([found.status, found.stderr.includes("emulated")]).toEqual([0, false]);
  });

  test.each<[string, readonly string[], Readonly<Record<string, string>>, string]>([
    ["the variable", [], { MOLECULE_IMAGE_PLATFORM: "native" }, "variable MOLECULE_IMAGE_PLATFORM"],
    ["the flag", ["--platform", "native"], { MOLECULE_IMAGE_PLATFORM: foreign }, "flag --platform"],
    ["a file", ["--config", "native.yaml"], {}, "native.yaml"],
  ])("is the engine's own with native as %s", async (_what, args, env, origin) => {
    await world.write("native.yaml", "platform: native\n");
    const { status, stderr, stdout } = await world.run(["ensure", "hermes", "--json", ...args], env);
    expect([status, stderr.includes("emulated")]).toEqual([0, false]);
    expect(JSON.parse(stdout)).toMatchObject({ results: [{ image: { platform: own } }] });
    const { answer } = await world.json(["config", ...args], env);
    expect(answer.values).toContainEqual({
      path: "platform",
      value: null,
      origin: expect.stringContaining(origin),
    });
  });

  test("any other word is refused", async () => {
    const { status, answer } = await world.json(["ensure", "hermes", "--platform", "natively"]);
    expect([status, answer.error?.code]).toEqual([2, "CONFIG_INVALID"]);
    expect(answer.error?.message).toContain("or native for the engine's own platform");
  });
});
