import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as runner from "@jest/globals";
import { expect, test } from "@jest/globals";
import { programPath, runProgram } from "@molecule/testkit/internal";
import { ping } from "../programs/ping.js";
import { describeWithEngine } from "./describe-with-engine.js";
import { findEngine } from "./find-engine.js";
import { startPrivateEngine, type PrivateEngine } from "./start-private-engine.js";

interface Traces {
  readonly processes: readonly string[];
  readonly bridge: boolean;
  readonly mounts: readonly string[];
  readonly files: boolean;
}

/** Everything that the engine has on this machine. */
async function traces(engine: PrivateEngine, bridge: string): Promise<Traces> {
  const directory = dirname(engine.dataRoot);
  const processes: string[] = [];
  for (const process of await readdir("/proc")) {
    const command = await readFile(`/proc/${process}/cmdline`, "utf8").catch(() => "");
    if (command.includes(`${directory}/`)) processes.push(command.split("\0", 1)[0] ?? "");
  }
  const mounts = (await readFile("/proc/self/mountinfo", "utf8"))
    .split("\n")
    .filter((line) => line.includes(directory));
  const links = await runProgram("ip", ["-oneline", "link"], { env: { PATH: programPath() } });
  const files = await readdir(directory).then(
    () => true,
    () => false,
  );
  return { processes, bridge: links.includes(bridge), mounts, files };
}

async function bridgeOf(engine: PrivateEngine): Promise<string> {
  const [, pid] = await daemonPid(engine);
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8");
  return /--bridge=(\w+)/.exec(command)?.[1] ?? "";
}

async function daemonPid(engine: PrivateEngine): Promise<readonly [number, string]> {
  const pid = (await readFile(`${dirname(engine.dataRoot)}/d.pid`, "utf8")).trim();
  return [Number(pid), pid];
}

const nothing: Traces = { processes: [], bridge: false, mounts: [], files: false };

describeWithEngine(runner, "a private engine", () => {
  test("offers BuildKit on request", async () => {
    const engine = await startPrivateEngine({ offersBuildkit: true });
    try {
      const socketPath = engine.address.slice("unix://".length);

      expect((await ping({ socketPath, path: "/_ping" }))?.headers["builder-version"]).toBe("2");
    } finally {
      await engine.stop();
    }
  });

  test("keeps images in the store that the run requests", async () => {
    const engine = await startPrivateEngine();
    try {
      const args = ["--host", engine.address, "info", "--format", "{{json .DriverStatus}}"];
      const info = await runProgram("docker", args, { env: { PATH: programPath() } });
      const isContainerd = process.env["MOLECULE_TEST_IMAGE_STORE"] === "containerd";
      expect(info.includes("io.containerd.snapshotter")).toBe(isContainerd);
    } finally {
      await engine.stop();
    }
  });

  test("uses another store when a test requests it", async () => {
    for (const imageStore of ["containerd", "graph-driver"] as const) {
      const engine = await startPrivateEngine({ imageStore });
      const configuration = await readFile(join(dirname(engine.dataRoot), "daemon.json"), "utf8");
      await engine.stop();
      expect(JSON.parse(configuration)).toEqual({
        features: { "containerd-snapshotter": imageStore === "containerd" },
      });
    }
  });

  test("responds, and leaves nothing when it is stopped", async () => {
    const engine = await startPrivateEngine();
    const bridge = await bridgeOf(engine);
    expect(await findEngine({ DOCKER_HOST: engine.address })).toBe(engine.address);
    expect(await traces(engine, bridge)).toMatchObject({ bridge: true, files: true });
    expect((await traces(engine, bridge)).processes).toEqual(expect.arrayContaining(["containerd"]));
    await engine.stop();
    expect(await traces(engine, bridge)).toEqual(nothing);
    expect(await findEngine({ DOCKER_HOST: engine.address })).toBeUndefined();
    await engine.stop();
  });

  test("leaves nothing when its daemon is killed", async () => {
    const engine = await startPrivateEngine();
    const bridge = await bridgeOf(engine);
    const [pid] = await daemonPid(engine);
    process.kill(pid, "SIGKILL");
    await engine.stop();
    expect(await traces(engine, bridge)).toEqual(nothing);
  });

  test("runs beside another one", async () => {
    const engines = await Promise.all([startPrivateEngine(), startPrivateEngine()]);
    expect(new Set(engines.map(({ address }) => address)).size).toBe(2);
    expect(new Set(await Promise.all(engines.map(bridgeOf))).size).toBe(2);
    await Promise.all(engines.map((engine) => engine.stop()));
  });
});
