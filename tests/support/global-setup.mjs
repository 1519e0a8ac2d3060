/*
 * One private container engine for the whole run. MOLECULE_TEST_ENGINE names one to use instead, MOLECULE_NO_ENGINE=1
 * does without. It needs the built testkit, because jest loads this file outside of its transform.
 */
export default async function globalSetup() {
  const { env } = process;
  if (env.MOLECULE_TEST_ENGINE) return;
  if (env.MOLECULE_NO_ENGINE === "1") {
    env.MOLECULE_TEST_ENGINE_MISSING = "MOLECULE_NO_ENGINE is set";
    return;
  }
  try {
    const { startPrivateEngine } = await import("../../packages/testkit/dist/index.js");
    const engine = await startPrivateEngine();
    globalThis[Symbol.for("@molecule/testEngine")] = engine;
    env.MOLECULE_TEST_ENGINE = engine.address;
  } catch (error) {
    env.MOLECULE_TEST_ENGINE_MISSING = [error.message, error.hint].filter(Boolean).join("; ");
  }
}
