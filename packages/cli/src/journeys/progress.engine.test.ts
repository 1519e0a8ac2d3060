import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { openWorld, templateWith, type World } from "./command-world.test.support.js";

describeWithEngine({ describe, test }, "progress of molecule-image", ({ address }) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(address);
    await world.forge.addTemplate("hermes", helloTemplate());
  });
  afterAll(() => world.close());

  const refresh = async (options: readonly string[], env = {}): Promise<string> => {
    const { status, stdout, stderr } = await world.run(["refresh", "hermes", ...options], env);
    expect(status).toBe(0);
    // Stdout has the result and nothing else, whichever display is on.
    expect(stdout).toMatch(/^molecule-local\/workspace-template-hermes:\S+\n$/);
    return stderr;
  };

  test.each([["auto"], ["plain"]])("%s prints lines without colours in a pipe", async (kind) => {
    const stderr = await refresh(["--progress", kind]);
    expect(stderr).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z hermes: build \S*workspace-template-hermes:/m);
    expect(stderr).toMatch(/^\S+Z hermes: build done after [\d.]+ s$/m);
    expect(stderr).not.toContain("\u001b");
  });

  test("json prints one event per line, and ends every step that it begins", async () => {
    const lines = (await refresh(["--progress", "json"])).trimEnd().split("\n");
    const records = lines.map(
      (line) =>
        JSON.parse(line) as { v: number; time: string; progress: { type: string; id: number; step: string } },
    );
    for (const { v, time } of records) {
      expect(v).toBe(1);
      expect(Date.parse(time)).toBeGreaterThan(Date.now() - 60_000);
    }
    const events = records.map(({ progress }) => progress);
    const of = (type: string): number[] =>
      events
        .filter((event) => event.type === type)
        .map(({ id }) => id)
        .sort();
    expect(of("started").length).toBeGreaterThan(2);
    expect(of("finished")).toEqual(of("started"));
    expect(events.map(({ step }) => step)).toEqual(
      expect.arrayContaining(["resolve", "checkout", "build", "tag"]),
    );
  });

  test.each([[["--progress", "none"]], [["--quiet"]], [["--quiet", "--progress", "plain"]]])(
    "%j prints no progress",
    async (options) => {
      expect(await refresh(options)).toBe("");
    },
  );

  test("tty redraws on stderr only", async () => {
    expect(await refresh(["--progress", "tty"])).toContain("hermes");
  });

  test("a debug log goes to stderr, as JSON if the result is JSON", async () => {
    const { status, stdout, stderr } = await world.run([
      "plan",
      "hermes",
      "--json",
      "--log-level",
      "debug",
      "--platform",
      "linux/arm64",
    ]);
    expect(status).toBe(0);
    expect(Object.keys(JSON.parse(stdout) as object)).toEqual(["results"]);
    for (const line of stderr
      .trimEnd()
      .split("\n")
      .filter((one) => one !== ""))
      expect(() => JSON.parse(line) as unknown).not.toThrow();
  });

  test("escapes build output in the terminal", async () => {
    await world.forge.addTemplate("codex", templateWith("RUN printf 'a\\033]0;owned\\007b\\n'"));
    const { status, stderr } = await world.run(["ensure", "codex"]);
    expect(status).toBe(0);
    expect(stderr).toContain("a\\u001b]0;owned\\u0007b");
    // eslint-disable-next-line no-control-regex -- these must not appear
    expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
});
