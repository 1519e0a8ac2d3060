/*
 * A private container engine for each worker: tests remove images and build from the cache, and must not do that to
 * each other. MOLECULE_TEST_ENGINE names a Docker engine to use for all instead, MOLECULE_NO_ENGINE=1 does without. It
 * needs the built testkit and engine, because jest loads this file outside of its transform.
 */
export default async function globalSetup({ maxWorkers }) {
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
    const { startPrivateEngine } = await import("../../packages/testkit/dist/index.js");
    for (let worker = 1; worker <= maxWorkers; worker++) {
      const engine = await startPrivateEngine();
      engines.push(engine);
      env[`MOLECULE_TEST_ENGINE_${worker}`] = engine.address;
    }
  } catch (error) {
    env.MOLECULE_TEST_ENGINE_MISSING = [error.message, error.hint].filter(Boolean).join("; ");
  }
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
