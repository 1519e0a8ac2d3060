/** Stops the engine that the setup started. When the run is killed before this, the engine ends by itself. */
export default async function globalTeardown() {
  await globalThis[Symbol.for("@molecule/testEngine")]?.stop();
}
