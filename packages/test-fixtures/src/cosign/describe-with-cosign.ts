import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { describeWherePossible, type SuiteRunner } from "../programs/describe-where-possible.js";

/**
 * A suite with the real cosign. Debian 12 has none, so without it the suite is skipped there; in the test matrix, whose
 * systems all have it, it fails.
 */
export function describeWithCosign(runner: SuiteRunner, body: () => void): void {
  const missing = isPresent() ? undefined : "it is not in PATH";
  const isInMatrix = (process.env.MOLECULE_TEST_KIND ?? "") !== "";
  if (missing !== undefined && !isInMatrix)
    runner.describe.skip("with cosign, which Debian 12 does not have", body);
  else describeWherePossible(runner, "with cosign", { what: "cosign", missing }, body);
}

function isPresent(): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((place) => {
    try {
      accessSync(join(place, "cosign"), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
