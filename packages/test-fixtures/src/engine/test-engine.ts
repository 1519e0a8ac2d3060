import { ImageSourceError } from "@molecule/core";

/** Returns the address of this test run's engine, or undefined if it has none. */
export function testEngineAddress(): string | undefined {
  const address = process.env.MOLECULE_TEST_ENGINE;
  return address === "" ? undefined : address;
}

/** Why this run has no engine. */
export function missingEngineReason(): string {
  return process.env.MOLECULE_TEST_ENGINE_MISSING ?? "MOLECULE_TEST_ENGINE is not set";
}

/** Returns this run's engine. Rejects with `ENGINE_UNAVAILABLE` if there is none. */
export function privateEngine(): Promise<{ readonly address: string }> {
  const address = testEngineAddress();
  if (address !== undefined) return Promise.resolve({ address });
  return Promise.reject(
    new ImageSourceError({
      code: "ENGINE_UNAVAILABLE",
      message: `this run of the tests has no container engine: ${missingEngineReason()}`,
      hint: "Run the tests as root on Debian with docker.io installed, or set MOLECULE_TEST_ENGINE to the address of one.",
    }),
  );
}
