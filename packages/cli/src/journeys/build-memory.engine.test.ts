import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import * as runner from "@jest/globals";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  describeWithBuildah,
  describeWithEngine,
  describeWithPodman,
  startPrivateEngine,
  type PrivateEngine,
} from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import {
  bin,
  noEngine,
  openWorld,
  templateWith,
  type Env,
  type World,
} from "./command-world.test.support.js";

/** How much more memory a noisy build may take than a quiet one. */
const moreMiB = 32;
// 5,000,000 lines and 100 MB take minutes; docs/adr/0062 records how much memory they need.
const noise =
  "RUN /bin/busybox seq 1 300000 && /bin/busybox head -c 20000000 /dev/zero | /bin/busybox tr '\\000' x";

interface Measured {
  readonly status: number | null;
  readonly peakMiB: number;
  readonly stdout: string;
  readonly stderrBytes: number;
}

/** Runs the command; its reader takes one chunk, then waits this many milliseconds before the next. */
function measured(world: World, args: readonly string[], env: Env, pauseMs = 0): Promise<Measured> {
  const child = spawn(bin, args, {
    cwd: world.cwd,
    env: { ...world.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [peakMiB, stderrBytes, stdout] = [0, 0, ""];
  const sampler = setInterval(() => {
    peakMiB = Math.max(peakMiB, highWaterMiB(child.pid));
  }, 20);
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => {
    stderrBytes += chunk.length;
    if (pauseMs === 0) return;
    child.stderr.pause();
    setTimeout(() => child.stderr.resume(), pauseMs);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => {
      clearInterval(sampler);
      resolve({ status, peakMiB, stdout, stderrBytes });
    });
  });
}

/** The peak memory of the process so far; 0 once it has exited. */
function highWaterMiB(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Two templates, and the memory that a build of the quiet one takes. */
function useWorld(address: () => string, source: string): { (): World; quietMiB(env: Env): Promise<number> } {
  let world: World | undefined;
  let quiet: number | undefined;
  const opened = (): World => {
    if (world === undefined) throw new TypeError("only available inside tests");
    return world;
  };
  beforeAll(async () => {
    world = await openWorld(address());
    await world.write(".moleculerc", JSON.stringify({ sources: { local: source } }));
    await world.forge.addTemplate("hermes", helloTemplate());
    await world.forge.addTemplate("codex", templateWith(noise));
    await world.forge.addTemplate("crewai", templateWith(`${noise}; exit 3`));
  });
  afterAll(() => world?.close());
  const quietMiB = async (env: Env): Promise<number> =>
    (quiet ??= (await measured(opened(), ["refresh", "hermes", "--progress", "plain"], env)).peakMiB);
  return Object.assign(opened, { quietMiB });
}

async function expectBounded(
  world: ReturnType<typeof useWorld>,
  options: readonly string[],
  { env = {}, pauseMs }: { readonly env?: Env; readonly pauseMs?: number } = {},
): Promise<Measured> {
  const quietMiB = await world.quietMiB(env);
  expect(quietMiB).toBeGreaterThan(20);
  const result = await measured(world(), ["refresh", "codex", ...options], env, pauseMs);
  expect(result.status).toBe(0);
  expect(result.peakMiB - quietMiB).toBeLessThan(moreMiB);
  return result;
}

const everything = 22_000_000;

describeWithEngine({ describe, test }, "memory of a build with unlimited output", ({ address }) => {
  const world = useWorld(() => address, "gitea-local-build");

  test.each([
    ["plain", ["--progress", "plain"], everything],
    ["json", ["--progress", "json"], everything],
    ["tty", ["--progress", "tty"], 0],
    ["none", ["--progress", "none"], 0],
    ["--json", ["--json"], everything],
  ])(
    "is limited with %s",
    async (_display, options, atLeast) => {
      const { stderrBytes } = await expectBounded(world, options);
      // An engine with BuildKit forwards at most 2 MiB.
      expect(stderrBytes).toBeGreaterThanOrEqual(Math.min(atLeast, 100_000));
    },
    60_000,
  );

  test("is limited for a slow reader, who still receives all output", async () => {
    const [fast, slow] = [
      await expectBounded(world, ["--progress", "plain"]),
      await expectBounded(world, ["--progress", "plain"], { pauseMs: 8 }),
    ];
    expect(slow.stderrBytes / fast.stderrBytes).toBeCloseTo(1, 2);
  }, 90_000);

  test("is limited if the build fails, as is the output in the error", async () => {
    const { status, stdout, peakMiB } = await measured(world(), ["refresh", "crewai", "--json"], {});
    expect(status).toBe(5);
    const { results } = JSON.parse(stdout) as { results: [{ error: { output: string } }] };
    const { output } = results[0].error;
    expect(output).toContain("xxx");
    expect(output.split("\n").length).toBeLessThanOrEqual(40);
    expect(Buffer.byteLength(output)).toBeLessThanOrEqual(16 * 1024);
    expect(peakMiB - (await world.quietMiB({}))).toBeLessThan(moreMiB);
  }, 60_000);
});

describeWithEngine({ describe, test }, "memory of a build with unlimited output, with BuildKit", () => {
  let engine: PrivateEngine | undefined;
  beforeAll(async () => {
    engine = await startPrivateEngine({ offersBuildkit: true });
  }, 60_000);
  const world = useWorld(() => engine?.address ?? noEngine, "gitea-local-build");
  afterAll(() => engine?.stop());

  test("is limited", async () => {
    await expectBounded(world, ["--progress", "plain"]);
  }, 60_000);
});

describeWithPodman(runner, "memory of a build with unlimited output, with Podman", (podman) => {
  const world = useWorld(() => noEngine, "podman");

  test("is limited", async () => {
    await expectBounded(world, ["--progress", "plain"], { env: { CONTAINER_HOST: podman().address } });
  }, 60_000);
});

describeWithBuildah(runner, "memory of a build with unlimited output, with buildah", (storage) => {
  const world = useWorld(() => noEngine, "buildah");

  test("is limited", async () => {
    await expectBounded(world, ["--progress", "plain"], { env: storage().env });
  }, 60_000);
});
