import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { inspect, promisify } from "node:util";
import { execFile } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Env } from "@molecule/core";
import { envProxy, findProgram } from "@molecule/node-edges";
import { startForge, type Forge } from "@molecule/testkit";
import { checkOut } from "./check-out.js";
import { type CheckOutRequest } from "./check-out-request.js";
import { hermesRequest } from "./check-out-request.test.support.js";
import { gitEnvironment } from "./git-environment.js";

/*
 * Settings of the system and of a repository that affect git. A script in place of git applies them right before git
 * starts, so that each guard is tested alone.
 */

const path = process.env["PATH"] ?? "";
let root: string;
let forge: Forge;
let sha: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "system-"));
  forge = await startForge();
  sha = await forge.addTemplate("hermes", {
    Dockerfile: "FROM scratch\n",
    "data.bin": "as committed\n",
    ".gitattributes": "*.bin filter=lfs\n",
  });
});

afterEach(async () => {
  await forge.stop();
  await rm(root, { recursive: true, force: true });
});

/** Creates a `PATH` directory whose `git` runs these lines of shell first. */
async function gitAfter(lines: string): Promise<string> {
  const git = findProgram("git", path) ?? "";
  const bin = join(root, "bin");
  await mkdir(bin);
  await writeFile(join(bin, "git"), `#!/bin/sh\n${lines}\nexec '${git}' "$@"\n`);
  await chmod(join(bin, "git"), 0o755);
  return bin;
}

function request(bin: string): CheckOutRequest {
  return hermesRequest({ forge, root, sha }, { env: { PATH: `${bin}:${path}` } });
}

/** A program that records that it ran, and forwards its input. */
async function canary(): Promise<{ program: string; ran: () => Promise<boolean> }> {
  const program = join(root, "sing");
  await writeFile(program, `#!/bin/sh\ntouch '${root}/ran'\ncat\n`);
  await chmod(program, 0o755);
  return { program, ran: async () => (await readdir(root)).includes("ran") };
}

describe("of the system", () => {
  test("ignores the configuration", async () => {
    const { program, ran } = await canary();
    const system = [
      `[url "http://127.0.0.1:1/"]\n\tinsteadOf = ${forge.baseUrl}/`,
      `[filter "lfs"]\n\tsmudge = ${program}\n\trequired = true`,
      `[credential]\n\thelper = ${program}`,
    ].join("\n");
    await writeFile(join(root, "system"), system);
    const bin = await gitAfter(`export GIT_CONFIG_SYSTEM='${root}/system'`);

    const directory = await (await checkOut(request(bin))).files();

    expect(await readFile(join(directory, "data.bin"), "utf8")).toBe("as committed\n");
    expect(await ran()).toBe(false);
  });

  test("ignores the template", async () => {
    await mkdir(join(root, "templates", "hooks"), { recursive: true });
    await writeFile(join(root, "templates", "hooks", "post-checkout"), "#!/bin/sh\n", { mode: 0o755 });
    const bin = await gitAfter(`export GIT_TEMPLATE_DIR='${root}/templates'`);

    const directory = await (await checkOut(request(bin))).files();

    expect(await readdir(join(directory, ".git"))).not.toContain("hooks");
  });
});

describe("of the repository", () => {
  test("runs no hook, wherever it comes from", async () => {
    const { program, ran } = await canary();
    const bin = await gitAfter(
      `if [ "$1" = checkout ]; then mkdir -p .git/hooks; cp '${program}' .git/hooks/post-checkout; fi`,
    );

    const directory = await (await checkOut(request(bin))).files();

    expect(await readdir(join(directory, ".git/hooks"))).toEqual(["post-checkout"]);
    expect(await ran()).toBe(false);
  });

  test("fetches nothing with Git LFS, even if it is configured", async () => {
    await writeFile(join(root, "smudge"), `#!/bin/sh\necho "skip=$GIT_LFS_SKIP_SMUDGE"\n`, { mode: 0o755 });
    const git = findProgram("git", path) ?? "";
    const bin = await gitAfter(
      `if [ "$1" = checkout ]; then '${git}' config filter.lfs.smudge '${root}/smudge'; fi`,
    );

    const directory = await (await checkOut(request(bin))).files();

    expect(await readFile(join(directory, "data.bin"), "utf8")).toBe("skip=1\n");
  });
});

test.each(["git version 2.30.9", "git version 1.9.1", "something else"])(
  "rejects a git that prints %j as too old to be configured by its environment",
  async (answer) => {
    const bin = await gitAfter(`echo '${answer}'; echo "$1" >>'${root}/asked'; exit 0`);

    await expect(checkOut(request(bin))).rejects.toMatchObject({
      code: "TOOL_MISSING",
      message: expect.stringContaining("2.31") as unknown,
    });
    expect(await readFile(join(root, "asked"), "utf8")).toBe("version\n");
    expect(forge.requests).toEqual([]);
  },
);

test.each([
  ["an interpreter that does not exist", "#!/nosuch/sh\n"],
  ["Windows line ends", "#!/bin/sh\r\nexit 0\r\n"],
])("names a git that cannot run: %s", async (_what, script) => {
  await mkdir(join(root, "bin"));
  await writeFile(join(root, "bin", "git"), script, { mode: 0o755 });

  const refused = checkOut(request(join(root, "bin")));
  await expect(refused).rejects.toMatchObject({ code: "TOOL_MISSING" });
  await expect(refused).rejects.toThrow(`cannot start ${join(root, "bin", "git")}: `);
});

test("an abort before the fetch leaves the object store as it was", async () => {
  const ended = join(root, "ended");
  const git = findProgram("git", path) ?? "";
  const bin = await gitAfter(`if [ "$1" = version ]; then '${git}' version && touch '${ended}' && exit; fi`);
  const aborting = new AbortController();
  const { store, ...more } = request(bin);
  const aborted = checkOut({
    ...more,
    signal: aborting.signal,
    store: {
      ...store,
      async workDirectory(name) {
        const work = await store.workDirectory(name);
        while (!existsSync(ended)) await setTimeout(10);
        // git has to exit too.
        await setTimeout(100);
        aborting.abort(new Error("enough"));
        return work;
      },
    },
  });

  await expect(aborted).rejects.toThrow("enough");
  expect(await readdir(root, { recursive: true })).not.toContainEqual(expect.stringMatching(/fetching$/));
});

describe("the environment of git", () => {
  const authorization = "Basic eC1hY2Nlc3MtdG9rZW46dG9r";
  const environment = (env: Env = {}): Record<string, string> =>
    gitEnvironment({
      env: { PATH: path },
      proxy: envProxy(env, new URL("https://forge.example/")),
      remote: {
        url: "https://forge.example/a/b.git",
        branch: "main",
        authorization,
        tokenVariable: "MOLECULE_GITEA_TOKEN",
      },
      home: root,
      certificates: undefined,
    });

  test.each([
    ["a command", "ext::sh -c 'touch ran'"],
    ["a directory", "file:///"],
    ["a directory without a scheme", "/"],
    ["ssh", "ssh://127.0.0.1:1/a"],
    ["git's own", "git://127.0.0.1:1/a"],
  ])("allows no transport by %s", async (_what, url) => {
    const ran = promisify(execFile)("git", ["ls-remote", "--", url], { cwd: root, env: environment() });
    await expect(ran).rejects.toMatchObject({
      stderr: expect.stringMatching(/transport '\w+' not allowed/) as unknown,
    });
    expect(await readdir(root)).toEqual([]);
  });

  test("never prompts for a password", async () => {
    forge.requireToken("tok-0123456789abcdef");
    const args = ["ls-remote", "--", `${forge.repoPrefix()}hermes.git`];
    const ran = promisify(execFile)("git", args, { cwd: root, env: environment() });
    await expect(ran).rejects.toMatchObject({
      stderr: expect.stringContaining("terminal prompts disabled") as unknown,
    });
  });

  test("makes git write without waiting for the disk", async () => {
    const trace = join(root, "trace");
    const env = { ...environment(), GIT_DIR: join(root, "objects.git"), GIT_TRACE2_EVENT: trace };
    await promisify(execFile)("git", ["init", "--bare"], { env });
    const importing = promisify(execFile)("git", ["fast-import"], { env });
    importing.child.stdin?.end(
      "feature done\ncommit refs/commits/1\ncommitter A <a@b> 0 +0000\ndata 0\nM 644 inline f\ndata 1\nx\ndone\n",
    );
    await importing;

    expect(await readFile(trace, "utf8")).toContain('"event":"exit"');
    expect(await readFile(trace, "utf8")).not.toContain("hardware-flush");
  });

  test("shows no secret to a program that prints it", () => {
    const hidden = environment({ HTTPS_PROXY: "http://me:pa55word@proxy" });
    const shown = inspect(hidden, { depth: null, showHidden: true });
    expect(shown).toContain("GIT_CONFIG_VALUE_");
    expect(shown).not.toContain(authorization);
    expect(shown).not.toContain("pa55word");
  });
});
