/** Stops the engines that the setup started. When the run is killed before this, they end by themselves. */
export default async function globalTeardown() {
  const engines = globalThis[Symbol.for("@molecule/testEngines")] ?? [];
  await Promise.all(engines.map((engine) => engine.stop()));
}
