import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { describeWherePossible } from "@molecule/test-fixtures";
import { bin, noEngine, openWorld, type Env, type World } from "../journeys/command-world.test.support.js";
import { openTerminalOf, type TerminalSession } from "../journeys/terminal-session.test.support.js";

const execute = promisify(execFile);

let world: World;
let env: Env;
let scripts: Readonly<Record<"bash" | "zsh" | "fish", string>>;

beforeAll(async () => {
  world = await openWorld(noEngine);
  env = { ...world.env, PATH: `${dirname(bin)}:${world.env.PATH ?? ""}` };
  await world.write(".moleculerc", "runtimes: { add: [my-agent] }\n");
  await world.write("templates/one/Dockerfile", "");
  const write = async (shell: string): Promise<string> =>
    world.write(`completion.${shell}`, (await world.run(["completion", shell])).stdout);
  scripts = { bash: await write("bash"), zsh: await write("zsh"), fish: await write("fish") };
});
afterAll(() => world.close());

/** Input, and the result after one press of Tab. */
const single: readonly (readonly [typed: string, last: string])[] = [
  ["ens", "ensure"],
  ["comple", "completion"],
  ["ensure her", "hermes"],
  ["ensure codex her", "hermes"],
  ["run my-", "my-agent"],
  ["ensure --prog", "--progress"],
  ["ensure hermes --progress pl", "plain"],
  ["ensure hermes --progress=pl", "--progress=plain"],
  ["--log-level wa", "warn"],
  ["--log-level debug plan gem", "gemini-cli"],
  ["completion z", "zsh"],
  ["help comple", "completion"],
  ["ensure --log-format js", "json"],
  ["ensure --platform linux/am", "linux/amd64"],
  ["trust .molec", ".moleculerc"],
  ["config --config .molec", ".moleculerc"],
  ["ensure --template her", "hermes="],
  ["ensure --template hermes=templ", "hermes=templates/"],
  ["ensure --template=hermes=templ", "--template=hermes=templates/"],
];

const needs = (shell: string): { what: string; missing: string | undefined } => ({
  what: `the shell ${shell}`,
  missing: existsSync(`/usr/bin/${shell}`) ? undefined : `/usr/bin/${shell} is not installed`,
});

describeWherePossible({ describe, test }, "completion in bash", needs("bash"), () => {
  /** Asks as readline does: words split by bash, then bash's own file completion where the script requests it. */
  async function candidates(typed: string, program = "molecule-image"): Promise<string[]> {
    const words = [program, ...typed.split(/ |(?<==)|(?==)/)];
    const drive = `source "$1"; shift; compopt() {
      case $2 in
        default) COMPREPLY+=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")) ;;
        dirnames) COMPREPLY+=($(compgen -d -S / -- "\${COMP_WORDS[COMP_CWORD]}")) ;;
      esac
    }
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _molecule_image; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = await execute(
      "/usr/bin/bash",
      ["--norc", "--noprofile", "-c", drive, "bash", scripts.bash, ...words],
      { cwd: world.cwd, env },
    );
    expect(stderr).toBe("");
    return stdout.split("\n").filter((line) => line !== "");
  }

  test.each(single)("completes %s to %s", async (typed, last) => {
    // In `--progress=pl`, bash replaces only the part after the last `=`.
    expect(await candidates(typed)).toEqual([last.replace(/^.*=(?=.)/, "")]);
  });

  test.each([
    ["", ["ensure", "plan", "refresh", "run", "completion", "help"]],
    ["ensure ", ["claude-code", "hermes", "my-agent"]],
    ["ensure --progress ", ["auto", "tty", "plain", "json", "none"]],
    ["ensure --progress=", ["auto", "tty", "plain", "json", "none"]],
    ["run --", ["--name", "--env", "--rm", "--detach", "--json", "--help"]],
  ])("completes %j with %j", async (typed, some) => {
    expect(await candidates(typed)).toEqual(expect.arrayContaining(some));
  });

  test.each([["ensure hermes herm"], ["nonsense "], ["list he"], ["run hermes --name "], ["ensure -- --js"]])(
    "offers nothing for %j",
    async (typed) => {
      expect(await candidates(typed)).toEqual([]);
    },
  );

  test("never runs a file in the working directory that has the command's name", async () => {
    const impostor = join(world.cwd, "molecule-image");
    await writeFile(impostor, `#!/bin/sh\n: >"${world.cwd}/ran"\n`);
    await chmod(impostor, 0o755);
    expect(await candidates("ens", "./molecule-image")).toEqual(["ensure"]);
    expect(await readdir(world.cwd)).not.toContain("ran");
  });
});

describeWherePossible({ describe, test }, "completion in fish", needs("fish"), () => {
  test.each(single)("completes %s to %s", async (typed, last) => {
    const { stdout, stderr } = await execute(
      "/usr/bin/fish",
      ["--no-config", "-c", `source $argv[1]; complete -C "molecule-image $argv[2]"`, scripts.fish, typed],
      { cwd: world.cwd, env },
    );
    expect(stderr).toBe("");
    expect(stdout.split("\n").map((line) => line.split("\t")[0])).toContain(last);
  });
});

describeWherePossible({ describe, test }, "completion in zsh", needs("zsh"), () => {
  let terminal: TerminalSession;
  beforeAll(async () => {
    terminal = await openTerminalOf(world, ["zsh", "-f"], { columns: 100, rows: 200 }, env);
    await terminal.type(`PS1='> '; autoload -U compinit; compinit -u -D; source ${scripts.zsh}; echo ready`);
    await terminal.press("Enter");
    await terminal.shows(/^ready$/m);
  });
  afterAll(() => terminal.close());

  test.each(single)("completes %s to %s", async (typed, last) => {
    await terminal.type(`molecule-image ${typed}\t`);
    const whole = [...typed.split(" ").slice(0, -1), last].join(" ");
    await terminal.shows(new RegExp(`^> molecule-image ${whole.replaceAll(".", "\\.")}$`, "m"));
    // Not Ctrl-C: input typed after a signal may be lost.
    await terminal.press("C-u");
  });
});

describe("requests from the completion scripts", () => {
  test.each([
    ["a broken file", "runtimes: [", {}],
    ["a file that nobody has trusted", "cacheDir: /tmp\n", {}],
    ["a home that does not exist", "", { HOME: "/nonexistent" }],
  ])("prints no error with %s", async (_case, content, changes) => {
    const other = await openWorld(noEngine);
    try {
      await other.write(".moleculerc", content);
      const outcome = await other.run(["__complete", "ensure", "her"], changes);
      expect(outcome).toMatchObject({ status: 0, stdout: "hermes\t\n", stderr: "" });
    } finally {
      await other.close();
    }
  });

  test("imports no plugin and contacts no server", async () => {
    const plugin = await world.write(
      "plugin.mjs",
      `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(join(world.cwd, "imported"))}, "");`,
    );
    const config = await world.write(
      "trusted.yaml",
      `plugins: [${JSON.stringify(plugin)}]\nsources: { local: anything }\nruntimes: { add: [of-the-file] }\n`,
    );
    for (const args of [["--config", config], [`--config=${config}`]]) {
      const { stdout, stderr } = await world.run(["__complete", "ensure", ...args, "of-"]);
      expect({ stdout, stderr }).toEqual({ stdout: "of-the-file\t\n", stderr: "" });
    }
    expect(await readdir(world.cwd)).not.toContain("imported");
    expect(world.forge.requests).toEqual([]);
  });

  test("is hidden from help", async () => {
    expect((await world.run(["--help"])).stdout).not.toContain("__complete");
  });
});
