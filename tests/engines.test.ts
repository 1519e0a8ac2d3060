import { execFile, spawn, type ChildProcess } from "node:child_process";
import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as runner from "@jest/globals";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
  describeWithEngine,
  findEngine,
  temporaryDirectory,
  type TemporaryDirectory,
} from "@molecule/test-fixtures";

const checkout = fileURLToPath(new URL("..", import.meta.url));
let directory: TemporaryDirectory;
let children: ChildProcess[];

beforeEach(async () => {
  directory = await temporaryDirectory();
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  await directory.remove();
});

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a matrix command with an empty cache. Its mmdebstrap runs these shell commands, with the directory as $root. */
async function start(
  args: readonly string[],
  { mmdebstrap = machineItself, env = {} }: { mmdebstrap?: string; env?: Record<string, string> } = {},
): Promise<{
  readonly child: ChildProcess;
  readonly done: Promise<Outcome>;
  readonly said: (text: RegExp) => Promise<string>;
}> {
  const bin = join(directory.path, "bin");
  await mkdir(bin, { recursive: true });
  const calls = join(directory.path, "calls");
  const script = `#!/bin/bash\nroot=\${@: -1} suite=\${@: -2:1}\necho "$suite" >>${calls}\n${mmdebstrap}\n`;
  await writeFile(join(bin, "mmdebstrap"), script);
  await chmod(join(bin, "mmdebstrap"), 0o755);
  const child = spawn(process.execPath, args, {
    cwd: checkout,
    env: {
      ...process.env,
      PATH: `${bin}:${process.env["PATH"] ?? ""}`,
      XDG_CACHE_HOME: directory.path,
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let [stdout, stderr] = ["", ""];
  const listeners = new Set<() => void>();
  const hear = (text: string, stream: "stdout" | "stderr"): void => {
    if (stream === "stdout") stdout += text;
    else stderr += text;
    for (const listener of listeners) listener();
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => hear(text, "stdout"));
  child.stderr.setEncoding("utf8").on("data", (text: string) => hear(text, "stderr"));
  const done = new Promise<Outcome>((resolve) => {
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
  const said = (text: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = text.exec(stdout);
        if (found !== null) resolve(found[1] ?? found[0]);
      };
      listeners.add(look);
      look();
      void done.then(() => reject(new Error(`it ended before it printed ${String(text)}: ${stderr}`)));
    });
  return { child, done, said };
}

/** Stands in for another Debian: needs no network, and uses this machine's engines. */
const machineItself = 'mkdir -p "$root" && ln -s /usr "$root/usr" && ln -s /etc "$root/etc"';
const engines = "scripts/engines/main.mjs";
const cache = (...names: readonly string[]): string =>
  join(directory.path, "molecule", "test-engines", ...names);
const prepared = async (): Promise<string[]> =>
  (await readFile(join(directory.path, "calls"), "utf8").catch(() => "")).split("\n").filter(Boolean);
const run = async (...request: Parameters<typeof start>): Promise<Outcome> => (await start(...request)).done;

describe("an unknown name", () => {
  test("is rejected by npm run engines, which lists the valid names", async () => {
    const { status, stdout, stderr } = await run([engines, "docker-26", "docker-12"]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/unknown engine docker-12; choose from docker-26, .*buildah-1\.43/);
    expect(await prepared()).toEqual([]);
  });

  test("is rejected by the tests before they run", async () => {
    const env = { MOLECULE_TEST_ENGINES: "docker-26, podman-4" };
    const { status, stdout, stderr } = await run(["scripts/jest.mjs"], { env });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/unknown engine podman-4; choose from docker-26, .*buildah-1\.43/);
    expect(await prepared()).toEqual([]);
  });
});

describeWithEngine(runner, "the root file systems of the engines", () => {
  test("are prepared once, and each engine reports its version", async () => {
    const { status, stdout } = await run([engines]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^docker-26 +Debian 13, ready: \d+\.\d+/m);
    expect(stdout).toMatch(/^docker-28-containerd +Debian sid, ready: \d+\.\d+/m);
    expect(stdout).toMatch(/^podman-5\.8 +Debian sid, ready: \d+\.\d+/m);
    expect(stdout).toMatch(/^buildah-1\.39 +Debian 13, ready: \d+\.\d+/m);
    expect((await run([engines])).stdout).toBe(stdout);
    expect(await prepared()).toEqual(["trixie", "sid"]);
    expect((await readdir(cache())).sort()).toEqual(["sid", "sid.lock", "trixie", "trixie.lock"]);
  });

  test("are prepared again if damaged or made from another list of packages", async () => {
    await run([engines]);
    await rm(cache("trixie", "root", "usr"));
    await writeFile(cache("sid", "stamp.json"), "{");
    await run([engines]);
    expect(await prepared()).toEqual(["trixie", "sid", "trixie", "sid"]);
    await writeFile(cache("sid", "stamp.json"), '{"format":1,"suite":"sid","packages":["docker.io"]}');
    expect((await run([engines])).status).toBe(0);
    expect(await prepared()).toEqual(["trixie", "sid", "trixie", "sid", "sid"]);
  });

  test("are prepared again if preparing was killed, and its leftovers are removed", async () => {
    const { child } = await start([engines, "docker-26"], {
      mmdebstrap: 'mkdir -p "$root/usr/bin"; kill -KILL $PPID',
    });
    await new Promise((resolve) => child.on("close", resolve));
    expect((await readdir(cache())).some((name) => name.startsWith("trixie.part-"))).toBe(true);
    await run([engines]);
    expect((await readdir(cache())).sort()).toEqual(["sid", "sid.lock", "trixie", "trixie.lock"]);
  });

  test("are reported with the reason if they cannot be prepared, and leave nothing behind", async () => {
    const mmdebstrap = 'mkdir -p "$root/usr/bin"; echo "E: no such suite" >&2; exit 25';
    const { status, stdout } = await run([engines], { mmdebstrap });
    expect(status).toBe(1);
    expect(stdout).toMatch(/^docker-26 +Debian 13, not ready: E: no such suite$/m);
    expect((await readdir(cache())).sort()).toEqual(["sid.lock", "trixie.lock"]);
    expect((await run([engines, "podman-5.4"], { mmdebstrap })).stderr).toContain(
      "cannot prepare Debian 13: E: no such suite",
    );
  });
});

describeWithEngine(runner, "an engine started by name", () => {
  /** Returns the processes, mounts and files of the engine with this socket. */
  async function traces(address: string): Promise<readonly string[]> {
    const place = dirname(address.slice("unix://".length));
    const found: string[] = [];
    for (const pid of await readdir("/proc")) {
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      if (command.includes(`${place}/`)) found.push(command);
    }
    const mounts = (await readFile("/proc/self/mountinfo", "utf8")).split("\n");
    found.push(...mounts.filter((line) => line.includes(`${place}/`)));
    return [...found, ...(await readdir(place).catch(() => []))];
  }

  test.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)("leaves nothing behind after %s", async (signal) => {
    const { child, done, said } = await start([engines, "docker-26"]);
    const address = await said(/^docker-26: DOCKER_HOST=(\S+)$/m);
    expect(await findEngine({ DOCKER_HOST: address })).toBe(address);
    expect(await traces(address)).not.toEqual([]);
    child.kill(signal);
    // Its output stays open until the last process of the engine has exited.
    await done;
    expect(await traces(address)).toEqual([]);
  });

  test("can be Podman, or buildah with a storage", async () => {
    const { child, done, said } = await start([engines, "podman-5.4", "buildah-1.43"]);
    const podman = await said(/^podman-5\.4: CONTAINER_HOST=(\S+)$/m);
    const buildah = await said(/^buildah-1\.43: (nsenter .* buildah)$/m);
    expect(await findEngine({ DOCKER_HOST: podman })).toBe(podman);
    const { stdout } = await promisify(execFile)("/bin/sh", ["-c", `${buildah} from scratch`]);
    expect(stdout).toBe("working-container\n");
    child.kill("SIGINT");
    expect((await done).status).toBe(0);
    expect(await traces(podman)).toEqual([]);
  });
});

describeWithEngine(runner, "tests on several engines", () => {
  const args = ["scripts/jest.mjs", "-w", "1", "tests/option-keys"];
  const env = { MOLECULE_TEST_ENGINES: "docker-26,docker-28" };

  test("report each engine, its version and the results", async () => {
    const { status, stderr } = await run(args, { env });
    expect(status).toBe(0);
    expect(stderr).toMatch(/^ {2}docker-26 +Docker Engine \d+\.\d+\S+: 1 files, \d+ passed, \d+ s$/m);
    expect(stderr).toMatch(/^ {2}docker-28 +Docker Engine \d+\.\d+\S+: 1 files, \d+ passed, \d+ s$/m);
    expect(stderr).toMatch(/^Engines total: 2 run; tests: \d+ passed$/m);
    expect(stderr.match(/^Tests: +\d+ passed, \d+ total$/gm)).toHaveLength(2);
  });

  test("run a failing file once more, and report that it passed only then", async () => {
    const config = join(directory.path, "jest.config.json");
    await writeFile(config, JSON.stringify({ rootDir: directory.path, transform: {}, testTimeout: 10_000 }));
    const file = join(directory.path, "once.test.js");
    const body = `const fs = require("node:fs");
test("passes", () => {});
test("fails the first time", () => { if (!fs.existsSync(__filename + process.env.MOLECULE_TEST_KIND)) {
  fs.writeFileSync(__filename + process.env.MOLECULE_TEST_KIND, "");
  throw new Error("by chance");
} });
test("fails for buildah", () => { expect(process.env.MOLECULE_TEST_KIND).not.toBe("buildah"); });\n`;
    await writeFile(file, body);
    const once = { MOLECULE_TEST_ENGINES: "docker-26,buildah-1.39" };
    const { status, stderr } = await run(["scripts/jest.mjs", `--config=${config}`, file], { env: once });
    expect(stderr).toContain("by chance");
    expect(stderr).toMatch(/^ {2}docker-26 .*: 1 files, 2 passed, 1 passed only in a second run, \d+ s$/m);
    expect(stderr).toMatch(/^ +PASSED THE SECOND TIME .*once\.test\.js$/m);
    expect(stderr).toMatch(/^ {2}buildah-1\.39 .*: 1 files, 1 passed, 1 passed only .*, 1 failed, \d+ s$/m);
    expect(stderr).toMatch(/^ +FAIL .*once\.test\.js$/m);
    expect(status).toBe(1);
  });

  test.each([
    ["sid", 0, "docker-28", "docker-26"],
    ["trixie", 1, "docker-26", "docker-28"],
  ])("continue without %s, and exit with %i", async (gone, expected, missing, present) => {
    const mmdebstrap = `[ "$suite" = ${gone} ] && { echo "E: gone" >&2; exit 1; }\n${machineItself}`;
    const { status, stderr } = await run(args, { env, mmdebstrap });
    expect(status).toBe(expected);
    expect(stderr).toContain(`*** ${missing} IS NOT TESTED: cannot prepare Debian`);
    expect(stderr).toMatch(new RegExp(`^ {2}${missing} +NOT RUN: E: gone$`, "m"));
    expect(stderr).toMatch(new RegExp(`^ {2}${present} .* passed`, "m"));
    expect(stderr).toContain("1 run, 1 NOT RUN");
  });
});
