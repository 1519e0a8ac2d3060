import { readdir, readFile } from "node:fs/promises";
import * as runner from "@jest/globals";
import { afterAll, expect, test } from "@jest/globals";
import { findProgram, programPath, runProgram } from "@molecule/testkit/internal";
import { findEngine } from "../engine/find-engine.js";
import { describeWithBuildah, describeWithPodman } from "./describe-with-podman.js";
import { startContainerStorage, type ContainerStorage } from "./start-container-storage.js";
import { startPrivatePodman } from "./start-private-podman.js";

/** Everything that the storage has on this machine: processes, mounts, files. */
async function traces({ directory }: Pick<ContainerStorage, "directory">): Promise<string[]> {
  const found: string[] = [];
  for (const process of await readdir("/proc")) {
    const command = await readFile(`/proc/${process}/cmdline`, "utf8").catch(() => "");
    if (command.includes(`${directory}/`)) found.push(command.split("\0", 1)[0] ?? "");
  }
  const mounts = (await readFile("/proc/self/mountinfo", "utf8")).split("\n");
  found.push(...mounts.filter((line) => line.includes(directory)));
  found.push(...(await readdir(directory).catch(() => [])));
  return found;
}

const tool = async (name: string, args: readonly string[], { env }: ContainerStorage): Promise<string> =>
  runProgram(await findProgram(name, name), args, { env: { ...env, PATH: programPath() } });

describeWithPodman(runner, "a private Podman", (podman) => {
  test("responds, with its own storage", async () => {
    expect(await findEngine({ DOCKER_HOST: podman().address })).toBe(podman().address);
    expect(await tool("podman", ["images", "--quiet"], podman())).toBe("");
  });

  test("leaves nothing when it is stopped or killed", async () => {
    const program = await findProgram("podman", "podman");
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      const other = await startPrivatePodman();
      expect(await traces(other)).not.toEqual([]);
      if (signal === "SIGKILL") {
        for (const pid of await readdir("/proc")) {
          const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
          if (command.endsWith(`${other.address}\0`) && command.startsWith(`${program}\0`))
            process.kill(Number(pid), signal);
        }
      }
      await other.stop();
      expect(await traces(other)).toEqual([]);
    }
  });
});

describeWithBuildah(runner, "a container storage", (storage) => {
  const others: ContainerStorage[] = [];
  afterAll(() => Promise.all(others.map((other) => other.stop())));

  test("stores what buildah builds, invisible to other storages", async () => {
    const container = (await tool("buildah", ["from", "scratch"], storage())).trim();
    expect(await tool("buildah", ["containers", "--quiet"], storage())).not.toBe("");
    expect(container).toBe("working-container");
    const other = await startContainerStorage();
    others.push(other);
    expect(await tool("buildah", ["containers", "--quiet"], other)).toBe("");
  });

  test("leaves neither mounts nor files, though a container was mounted", async () => {
    const other = await startContainerStorage();
    others.push(other);
    await tool("buildah", ["from", "scratch"], other);
    await tool("buildah", ["mount", "working-container"], other);
    expect((await traces(other)).join("\n")).toContain("/graph/overlay/");
    await other.stop();
    expect(await traces(other)).toEqual([]);
  });
});
