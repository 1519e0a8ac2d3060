import { spawnSync } from "node:child_process";
import { changedSinceBuild } from "../../scripts/build-stamp.mjs";
import { root } from "../../scripts/pnpm.mjs";

/*
 * Builds what has changed: many tests run the command or the compiled packages, and must not test an older state.
 *
 * Then starts a private container engine for each worker: tests remove images and build from the cache, and must not do that to
 * each other. MOLECULE_TEST_ENGINE names a Docker engine to use for all instead, MOLECULE_NO_ENGINE=1 does without. It
 * needs the built test-fixtures and engine, because jest loads this file outside of its transform.
 */
export default async function globalSetup({ maxWorkers }) {
  buildIfStale();
  const { env } = process;
  if (env.MOLECULE_TEST_ENGINE) {
    await refusePodman(env.MOLECULE_TEST_ENGINE);
    return;
  }
  if (env.MOLECULE_NO_ENGINE === "1") {
    env.MOLECULE_TEST_ENGINE_MISSING = "MOLECULE_NO_ENGINE is set";
    return;
  }
  const engines = [];
  globalThis[Symbol.for("@molecule/testEngines")] = engines;
  try {
    const { startPrivateEngine } = await import("../../packages/test-fixtures/dist/index.js");
    const offersBuildkit = usesBuildkit();
    for (let worker = 1; worker <= maxWorkers; worker++) {
      const engine = await startPrivateEngine({ offersBuildkit });
      engines.push(engine);
      env[`MOLECULE_TEST_ENGINE_${worker}`] = engine.address;
    }
  } catch (error) {
    env.MOLECULE_TEST_ENGINE_MISSING = [error.message, error.hint].filter(Boolean).join("; ");
  }
}

/** Turns BuildKit off in Docker before 23, so that the whole suite also covers the classic builder. */
function usesBuildkit() {
  const { stdout } = spawnSync("dockerd", ["--version"], { encoding: "utf8" });
  const [, major] = /version (\d+)\./.exec(stdout ?? "") ?? [];
  return Number(major) < 23 ? false : undefined;
}

function buildIfStale() {
  const changed = changedSinceBuild();
  if (changed === undefined) return;
  console.error(`${changed} has changed since the last build; building ...`);
  const { status } = spawnSync(process.execPath, ["scripts/setup.mjs", "--quiet"], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0)
    throw new Error(`${changed} has changed since the last build, and building failed: run npm run build`);
}

/** Suites for an engine build with BuildKit; those for Podman start a service of their own. */
async function refusePodman(address) {
  const { createDockerEngine, findEngineEndpoint } = await import("../../packages/engine/dist/index.js");
  const find = () => findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" });
  const engine = createDockerEngine(find);
  const { kind } = await engine.identify().finally(() => engine.close());
  if (kind !== "podman") return;
  throw new Error(
    `MOLECULE_TEST_ENGINE names a Podman, ${address}: name a Docker engine there, or run the tests of Podman with MOLECULE_TEST_ENGINES=podman-5.4`,
  );
}
