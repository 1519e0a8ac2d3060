import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { openWorld, templateWith, type World } from "./command-world.test.support.js";

const imageKeys = [
  "buildKey",
  "cached",
  "digest",
  "durationMs",
  "engine",
  "imageId",
  "platform",
  "reference",
  "revision",
  "source",
  "stale",
];
const planKeys = [...imageKeys, "because", "buildArgs", "hit", "step", "why"].sort();
const errorKeys = ["code", "hint", "message", "output", "source", "step"];

describeWithEngine({ describe, test }, "molecule-image ensure, plan and refresh", ({ address }) => {
  let world: World;
  let hermes: string;
  let codex: string;

  beforeAll(async () => {
    world = await openWorld(address);
    hermes = await world.forge.addTemplate("hermes", helloTemplate({ message: "hermes" }));
    codex = await world.forge.addTemplate("codex", helloTemplate({ message: "codex" }));
    await world.forge.addTemplate("openclaw", { Dockerfile: "FROM scratch\nCOPY absent /\n" });
  });
  afterAll(() => world.close());

  test("plan prints what would be built and why, and changes nothing", async () => {
    const plan = await world.run(["plan", "hermes"]);
    expect(plan).toMatchObject({ status: 0, stderr: "" });
    expect(plan.stdout).toContain(`workspace-template-hermes:${hermes.slice(0, 12)}`);
    expect(plan.stdout).toContain("MOLECULE_IMAGE_REGISTRY is not set");
    expect(plan.stdout).toContain("build arguments, if the template uses them: RUNTIME_VERSION\n");
    const { answer } = await world.json(["plan", "hermes"]);
    const [result] = answer.results ?? [];
    expect(Object.keys(result?.image ?? {}).sort()).toEqual(planKeys);
    expect(result?.image).toMatchObject({
      hit: false,
      cached: null,
      durationMs: null,
      imageId: null,
      engine: null,
      digest: null,
      stale: false,
      buildArgs: ["RUNTIME_VERSION"],
      revision: hermes,
      source: "gitea-local-build",
      why: expect.any(String),
      because: expect.stringContaining("MOLECULE_IMAGE_REGISTRY"),
    });
    expect(world.forge.gitRequests()).toEqual([]);
    expect(await world.checkouts("hermes")).toEqual([]);
  });

  test("ensure prints one reference per line on stdout and nothing else", async () => {
    const { status, stdout, stderr } = await world.run(["ensure", "hermes", "codex", "hermes"]);
    expect(status).toBe(0);
    const [first, second, ...rest] = stdout.split("\n");
    expect(first).toMatch(
      new RegExp(`^molecule-local/workspace-template-hermes:${hermes.slice(0, 12)}--cli-`),
    );
    expect(second).toMatch(
      new RegExp(`^molecule-local/workspace-template-codex:${codex.slice(0, 12)}--cli-`),
    );
    expect(rest).toEqual([""]);
    expect(stderr).toContain("hermes: build");
  });

  test("with --json, ensure prints every fact of an image on one line, in argument order", async () => {
    const { status, answer } = await world.json(["ensure", "codex", "hermes", "codex"]);
    expect(status).toBe(0);
    expect(Object.keys(answer)).toEqual(["results"]);
    expect(answer.results?.map(({ runtime, ok }) => [runtime, ok])).toEqual([
      ["codex", true],
      ["hermes", true],
    ]);
    for (const { image = {} } of answer.results ?? []) expect(Object.keys(image).sort()).toEqual(imageKeys);
    expect(answer.results?.[1]?.image).toEqual({
      source: "gitea-local-build",
      reference: expect.stringMatching(/^molecule-local\/workspace-template-hermes:/),
      imageId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      digest: null,
      revision: hermes,
      platform: "linux/amd64",
      buildKey: expect.stringMatching(/^[0-9a-f]{64}$/),
      engine: { kind: "docker", address },
      cached: true,
      stale: false,
      durationMs: expect.any(Number),
    });
  });

  test("an existing image is neither fetched nor built again", async () => {
    const before = world.forge.gitRequests().length;
    const { status, stderr } = await world.run(["ensure", "hermes"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(world.forge.gitRequests()).toHaveLength(before);
    expect((await world.run(["plan", "hermes"])).stdout).toContain("is ready");
  });

  test("refresh rebuilds an image without the build cache", async () => {
    const { answer } = await world.json(["refresh", "hermes"]);
    expect(answer.results?.[0]).toMatchObject({ ok: true, image: { cached: false, revision: hermes } });
    const { status, stderr } = await world.run(["refresh", "hermes"]);
    expect(status).toBe(0);
    // The wording of the classic builder, and of BuildKit.
    expect(stderr).not.toMatch(/Using cache|CACHED/);
  });

  test("a new commit gets a new image", async () => {
    const next = await world.forge.commit("codex", { "message.txt": "next\n" });
    const { answer } = await world.json(["ensure", "codex"]);
    expect(answer.results?.[0]?.image).toMatchObject({ revision: next, cached: false });
  });

  test("one failing runtime does not stop the others; the first failure decides the exit status", async () => {
    const mixed = await world.json(["ensure", "autogen", "hermes", "nope", "openclaw"]);
    expect(mixed.status).toBe(3);
    expect(mixed.answer.results?.map(({ runtime, ok, error }) => [runtime, ok, error?.code])).toEqual([
      ["autogen", false, "SOURCE_NOT_FOUND"],
      ["hermes", true, undefined],
      ["nope", false, "RUNTIME_UNKNOWN"],
      ["openclaw", false, "BUILD_FAILED"],
    ]);
    for (const { error } of mixed.answer.results ?? []) {
      if (error === undefined) continue;
      expect(Object.keys(error).sort()).toEqual(errorKeys);
      expect(error.message).not.toContain("\n");
      expect(error.hint).toMatch(/^.+$/);
      expect(error.source).toBe("gitea-local-build");
    }
    const { status, stdout, stderr } = await world.run(["ensure", "nope", "autogen", "hermes"]);
    expect(status).toBe(2);
    expect(stdout).toMatch(/^molecule-local\/workspace-template-hermes:\S+\n$/);
    expect(stderr).toContain('molecule-image: unknown runtime "nope" [RUNTIME_UNKNOWN]');
    expect(stderr).toContain("[SOURCE_NOT_FOUND]");
    expect(stderr).toContain("  hint: ");
  });

  test("a failed build is reported with its last output lines", async () => {
    await world.forge.addTemplate("crewai", templateWith("RUN echo the-last-words && exit 3"));
    const { status, stdout, stderr } = await world.run(["ensure", "crewai"]);
    expect({ status, stdout }).toEqual({ status: 5, stdout: "" });
    expect(stderr).toMatch(/ {2}\| .*the-last-words/);
    const { answer } = await world.json(["ensure", "crewai"]);
    expect(answer.results?.[0]?.error).toMatchObject({ code: "BUILD_FAILED", step: "build" });
    expect(answer.results?.[0]?.error?.output).toContain("the-last-words");
  });
});
