import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { describeWithEngine, temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import { startForge, type Forge } from "@molecule/testkit";
import { stays, templateWith } from "./host-app.test.support.js";

/* The process as an operator runs it: built, started, and stopped by a signal. */

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));

describeWithEngine({ describe, test }, "the process", ({ address }) => {
  let directory: TemporaryDirectory;
  let forge: Forge;
  beforeEach(async () => {
    [directory, forge] = await Promise.all([temporaryDirectory(), startForge()]);
  });
  afterEach(async () => {
    await Promise.all([forge.stop(), directory.remove()]);
  });

  function run(env: Readonly<Record<string, string>> = {}) {
    const child = spawn(process.execPath, [main], {
      cwd: directory.path,
      env: {
        PATH: process.env.PATH,
        HOME: directory.path,
        DOCKER_HOST: address,
        MOLECULE_LOCAL_BUILD_CACHE: join(directory.path, "cache"),
        MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: forge.repoPrefix(),
        MOLECULE_LOCAL_IMAGE_ISOLATION: "app-shutdown",
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const ended = once(child, "close").then(([status]) => ({ status: status as unknown, stderr }));
    return { child, ended };
  }

  test("shuts down cleanly on SIGTERM during a build, and leaves nothing behind", async () => {
    const step = "RUN echo the build has begun && /bin/sleep 120";
    await forge.addTemplate("hermes", templateWith(`${step}\n${stays}`));
    const { child, ended } = run();
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const url = line.toString().trim();
    const events = await fetch(`${url}/events`);
    const headers = { "content-type": "application/json" };
    await fetch(`${url}/workspaces`, { method: "POST", headers, body: '{"runtime":"hermes"}' });
    let heard = "";
    for await (const chunk of events.body ?? []) {
      heard += Buffer.from(chunk as Uint8Array).toString();
      if (/"type":"output"[^\n]*the build has begun/.test(heard)) break;
    }
    const told = Date.now();
    child.kill("SIGTERM");

    expect(await ended).toEqual({ status: 0, stderr: expect.not.stringContaining("rror") });
    // Without the signal, the build command would run for two minutes.
    expect(Date.now() - told).toBeLessThan(60_000);
    expect(await leftIn(join(directory.path, "cache"))).toEqual([]);
    expect(await childrenNaming(directory.path)).toEqual([]);
  });

  test("exits immediately on an invalid configuration, with a hint", async () => {
    const { ended } = run({ MOLECULE_LOCAL_IMAGE_ISOLATION: "", MOLECULE_CONFIG: "absent.yaml" });
    const { status, stderr } = await ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/^CONFIG_INVALID: .*absent\.yaml.*\n.+\n$/);
  });
});

/** Returns leftover work directories and locks. A complete checkout may stay. */
async function leftIn(cache: string): Promise<string[]> {
  const files = await readdir(cache, { recursive: true });
  return files.filter((path) => path.endsWith(".partial") || /(?:^|\/)locks\/./.test(path));
}

/** Returns running processes that have this directory in their arguments. */
async function childrenNaming(path: string): Promise<string[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")));
  return lines.filter((line) => line.includes(path));
}
