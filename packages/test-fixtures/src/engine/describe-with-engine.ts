import {
  describeWherePossible,
  isKindTested,
  type SuiteRunner,
} from "../programs/describe-where-possible.js";
import { missingEngineReason, testEngineAddress } from "./test-engine.js";

/**
 * A suite that needs a container engine. Without one it is skipped, with a note on stderr; if `CI` is set, it fails.
 * The address is valid only inside tests and hooks.
 */
export function describeWithEngine(
  runner: SuiteRunner,
  name: string,
  body: (engine: { readonly address: string }) => void,
): void {
  if (!isKindTested("docker")) return;
  const address = testEngineAddress();
  const missing = address === undefined ? missingEngineReason() : undefined;
  describeWherePossible(runner, name, { what: "a container engine", missing }, () => {
    body({ address: address ?? "unix:///no-engine" });
  });
}
