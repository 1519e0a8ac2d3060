import { mkdir, readFile, readdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { exitStatusByCode } from "@molecule/core";
import { startFakeEngine, type FakeEngine } from "@molecule/testkit";
import { noEngine, openWorld, type World } from "../journeys/command-world.test.support.js";

describe("molecule-image", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(noEngine);
  });
  afterAll(() => world.close());

  test("--version prints the version of the package", async () => {
    const manifest = await readFile(fileURLToPath(new URL("../../package.json", import.meta.url)), "utf8");
    const { version } = JSON.parse(manifest) as { version: string };
    expect(await world.run(["--version"])).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: "" });
  });

  test.each([
    [["--help"]],
    [["ensure", "--help"]],
    [["run", "--help"]],
    [["help"]],
    [["help", "help"]],
    [["help", "ensure"]],
    [[]],
    [["--log-level", "debug"]],
  ])("%j prints help on stdout", async (args) => {
    const { status, stdout, stderr } = await world.run(args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("Usage: molecule-image");
  });

  test("--help lists every command", async () => {
    const { stdout } = await world.run(["--help"]);
    for (const name of ["ensure", "plan", "refresh", "run", "list", "config", "sources", "trust"]) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b`, "m"));
    }
  });

  test("--help of each command shows its usage", async () => {
    const { stdout } = await world.run(["--help"]);
    const [, commands = ""] = /\nCommands:\n([^]*?)\n\n/.exec(stdout) ?? [];
    const names = [...commands.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = ""]) => name);
    expect(names).toContain("completion");
    for (const name of names.filter((one) => one !== "help")) {
      const help = await world.run([name, "--help"]);
      expect(help.stdout).toMatch(new RegExp(`\nExamples:\n  \\$ molecule-image ${name}\\b[^\n]*\n {6}\\S`));
    }
  });

  test("--help names the variables, every exit status and the documentation", async () => {
    const { stdout } = await world.run(["--help"]);
    const documented = await readFile(
      fileURLToPath(new URL("../../../../docs/operating/configuration.md", import.meta.url)),
      "utf8",
    );
    const section = (heading: string): string =>
      new RegExp(`\\n${heading}.*:\\n([^]*?)\\n\\n`).exec(stdout)?.[1] ?? "";
    const variables =
      section("Variables")
        .match(/^ {2}[A-Z_]+/gm)
        ?.map((name) => name.trim()) ?? [];
    expect(variables).toContain("MOLECULE_IMAGE_REGISTRY");
    for (const variable of variables) expect(documented).toContain(`| \`${variable}\``);
    const statuses = section("Exit status")
      .match(/\b\d+\b/g)
      ?.map(Number);
    for (const status of Object.values(exitStatusByCode)) expect(statuses).toContain(status);
    expect(stdout).toMatch(/^Documentation: https:\/\/\S+$/m);
  });

  test.each([
    ["ensure", "claude-code"],
    ["run", "openclaw"],
    ["completion", "bash"],
    ["completion", "zsh"],
    ["completion", "fish"],
    ["trust", "project file"],
  ])("%s --help describes its arguments: %s", async (command, word) => {
    const { stdout } = await world.run([command, "--help"]);
    expect(/\nArguments:\n([^]*?)\n\n/.exec(stdout)?.[1]).toContain(word);
  });

  test.each(["ensure", "plan", "refresh", "run", "watch", "doctor"])(
    "%s names an unknown runtime once, outside the hint",
    async (command) => {
      const { stderr, status } = await world.run([command, "hermse"]);
      expect(stderr).toMatch(
        /^molecule-image: unknown runtime "hermse" \[RUNTIME_UNKNOWN\]\n {2}hint: Did you mean hermes\? .*`runtimes\.add`/,
      );
      expect(status).toBe(2);
    },
  );

  test("doctor reports an unknown variable once", async () => {
    const { stdout, stderr } = await world.run(["doctor"], { MOLECULE_GITEA_TOKN: "x" });
    expect(stdout).toContain("MOLECULE_GITEA_TOKN (did you mean MOLECULE_GITEA_TOKEN?)");
    expect(stderr).not.toContain("MOLECULE_GITEA_TOKN");
  });

  test("help fits into 80 columns", async () => {
    for (const args of [["--help"], ["ensure", "--help"], ["run", "--help"]]) {
      const { stdout } = await world.run(args);
      expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    }
  });

  test.each([
    [["ensure"], "ensure"],
    [["ensure", "hermes", "--no-such-option"], "ensure"],
    [["ensure", "hermes", "--progress"], "ensure"],
    [["list", "extra"], "list"],
    [["completion"], "completion"],
    [["prune", "--detach"], "prune"],
  ])("the hint for %j names the command's own help", async (args, command) => {
    const { stderr } = await world.run(args);
    expect(stderr).toContain(`\n  hint: Run molecule-image ${command} --help.\n`);
  });

  test("an argument too many is named", async () => {
    expect((await world.run(["trust", "one", "two", "three"])).stderr).toBe(
      'molecule-image: unexpected argument "two" [USAGE]\n  hint: Run molecule-image trust --help.\n',
    );
  });

  test("a runtime in place of a command suggests ensure", async () => {
    expect((await world.run(["hermes"])).stderr).toContain("hint: Did you mean ensure hermes? ");
  });

  test.each([[["ensuree"]], [["help", "ensuree"]]])("%j names the unknown command", async (args) => {
    expect(await world.run(args)).toMatchObject({
      status: 2,
      stderr:
        "molecule-image: unknown command 'ensuree' [USAGE]\n" +
        "  hint: Did you mean ensure? Run molecule-image --help.\n",
    });
  });

  test("a value that is not allowed is named with the allowed ones", async () => {
    const { stderr } = await world.run(["ensure", "hermes", "--log-level", "loud"]);
    expect(stderr).toBe(
      'molecule-image: --log-level "loud" is not supported [USAGE]\n' +
        "  hint: Use error, warn, info or debug.\n",
    );
    expect((await world.run(["completion", "tcsh"])).stderr).toBe(
      'molecule-image: the shell "tcsh" is not supported [USAGE]\n' + "  hint: Use bash, zsh or fish.\n",
    );
  });

  test.each([
    [["ensur", "hermes"], "ensure"],
    [["lsit"], "list"],
    [["ensure", "hermes", "--quite"], "--quiet"],
    [["run", "hermes", "--detatch"], "--detach"],
    [["ensure", "hermess"], "hermes"],
    [["plan", "claude"], "claude-code"],
    [["ensure", "my-agnet"], "my-agent"],
  ])("%j suggests %s", async (args, likely) => {
    const file = await world.write("named.yaml", "runtimes: { add: [my-agent] }\n");
    const { status, stderr } = await world.run(args, { MOLECULE_CONFIG: file });
    expect(status).toBe(2);
    expect(stderr).toContain(`\n  hint: Did you mean ${likely}? `);
  });

  test("suggests the closest configuration key", async () => {
    const file = await world.write("key.yaml", "runtimes: { ad: [] }\ntimout: 5m\n");
    const { stderr } = await world.run(["config", "--config", file]);
    expect(stderr).toContain('did you mean "add"?');
    expect(stderr).toContain('did you mean "timeout"?');
  });

  test("suggests nothing if nothing is close", async () => {
    const { stderr } = await world.run(["zzzzzz"]);
    expect(stderr).toContain("hint: Run molecule-image --help.");
  });

  test.each([
    [["nonsense"]],
    [["help", "nonsense"]],
    [["completion", "tcsh"]],
    [["prune", "--keep", "many"]],
    [["ensure"]],
    [["run"]],
    [["ensure", "hermes", "--no-such-option"]],
    [["--log-level", "loud", "ensure", "hermes"]],
    [["ensure", "hermes", "--progress", "fancy"]],
    [["ensure", "hermes", "--template"]],
    [["refresh", "hermes", "--template", "hermes=."]],
    [["list", "--template", "hermes=."]],
    [["config", "--config"]],
    [["list", "extra"]],
    [["config", "extra"]],
  ])("%j fails with USAGE", async (args) => {
    const { status, stdout, stderr } = await world.run(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^molecule-image: .+ \[USAGE\]\n {2}hint: .+\n$/);
    const asJson = await world.run(["--json", ...args]);
    expect(asJson).toMatchObject({ status: 2, stderr: "" });
    expect(JSON.parse(asJson.stdout)).toMatchObject({
      error: { code: "USAGE", source: null, step: null, output: null },
    });
  });

  test.each(["hermes", "hermes=", "=."])("--template %j fails with USAGE", async (written) => {
    for (const args of [
      ["ensure", "hermes"],
      ["plan", "hermes"],
      ["run", "hermes"],
      ["watch", "hermes"],
    ]) {
      const { status, answer } = await world.json([...args, "--template", written]);
      expect(status).toBe(2);
      expect(answer.error).toMatchObject({
        code: "USAGE",
        hint: expect.stringContaining("--template RUNTIME=DIR"),
      });
    }
  });

  test.each([
    ["ensure", "hermes", "codex"],
    ["plan", "hermes"],
    ["run", "hermes", "--", "claude-code"],
    ["watch", "hermes"],
  ])("--template of a runtime that is not requested fails with USAGE: %s", async (...args) => {
    const { status, answer } = await world.json([
      ...args.slice(0, 2),
      "--template",
      "claude-code=.",
      ...args.slice(2),
    ]);
    expect({ status, error: answer.error }).toMatchObject({
      status: 2,
      error: {
        code: "USAGE",
        message: expect.stringContaining('--template names "claude-code", but the command is for hermes'),
        hint: "Correct the runtime of --template, or add claude-code to the command.",
      },
    });
  });

  test("--json without a command fails with USAGE", async () => {
    const { status, stdout } = await world.run(["--json"]);
    expect({ status, answer: JSON.parse(stdout) as unknown }).toMatchObject({
      status: 2,
      answer: { error: { code: "USAGE", message: "no command was given" } },
    });
  });

  test("prints an empty result list with an early failure, for commands that list results", async () => {
    expect((await world.json(["ensure", "--no-such-option"])).answer).toMatchObject({
      error: {},
      results: [],
    });
    expect((await world.json(["list", "--no-such-option"])).answer).not.toHaveProperty("results");
  });

  test("reports that the engine is down", async () => {
    await world.forge.addTemplate("hermes", { Dockerfile: "FROM scratch\n" });
    for (const command of ["ensure", "plan"]) {
      const { status, answer } = await world.json([command, "hermes"]);
      expect({ status, code: answer.results?.[0]?.error?.code }).toEqual({
        status: 4,
        code: "ENGINE_UNAVAILABLE",
      });
      expect(answer.results?.[0]?.error?.message).toContain("/nonexistent/d.sock");
    }
    expect(await world.json(["list"])).toMatchObject({
      status: 4,
      answer: { error: { code: "ENGINE_UNAVAILABLE" } },
    });
    // Nothing is fetched for an engine that could not build it.
    expect(world.forge.gitRequests()).toEqual([]);
  });
});

describe("a hostile runtime name", () => {
  let world: World;
  let engine: FakeEngine;
  let shims: string;
  beforeAll(async () => {
    engine = await startFakeEngine((_request, response) => response.end("{}"));
    world = await openWorld(noEngine);
    shims = join(dirname(world.home), "shims");
    await mkdir(shims);
    await symlink(process.execPath, join(shims, "node"));
    for (const name of ["git", "setsid", "sh", "docker"]) {
      await writeFile(join(shims, name), `#!/bin/sh\n: >"${shims}/ran-${name}"\n`, { mode: 0o755 });
    }
  });
  afterEach(() => {
    expect(world.forge.requests).toEqual([]);
    expect(engine.requests).toEqual([]);
  });
  afterAll(async () => {
    await world.close();
    await engine.stop();
  });

  test.each([
    "../../etc",
    "hermes;touch x",
    "$(touch x)",
    "`id`",
    "hermes/../codex",
    "hermes\nhost: x",
    "HERMES",
    "hermes ",
    "",
    "a".repeat(64),
    "--upload-pack=x",
    "__proto__",
    "constructor",
    "hermes%2f..",
    "hermes@x",
    "hërmes",
    ".",
    "hermes.git/",
  ])("%j is rejected before any work", async (runtime) => {
    const env = { PATH: shims, DOCKER_HOST: engine.address };
    const { status, stdout } = await world.run(["ensure", "--json", "--", runtime], env);
    const answer = JSON.parse(stdout) as { results: { error: { code: string } }[] };
    expect({ status, code: answer.results[0]?.error.code }).toEqual({ status: 2, code: "RUNTIME_UNKNOWN" });
    expect((await readdir(shims)).filter((name) => name.startsWith("ran-"))).toEqual([]);
    expect(await readdir(dirname(world.cache))).not.toContain("cache");
    const plain = await world.run(["ensure", "--", runtime], env);
    expect(plain.stderr).not.toMatch(/\nhost: x/);
    for (const command of ["plan", "refresh", "run"]) {
      expect((await world.run([command, "--", runtime], env)).status).toBe(2);
    }
  });
});
