import { describeWherePossible, isKindTested } from "../programs/describe-where-possible.js";
import { missingForRoot } from "../programs/missing-for-root.js";
import { startForSuite, type HookedRunner } from "../programs/start-for-suite.js";
import { missingForBuildkit } from "./buildkit-programs.js";
import { startBuildkitd, type Buildkitd, type BuildkitdOptions } from "./start-buildkitd.js";

/** The first suite on a machine builds BuildKit. */
const startMs = 20 * 60_000;

/**
 * A suite with a private BuildKit builder. Without root, runc or Go it is skipped, with a note on stderr; if `CI` is set, it
 * fails. The value passed to it is valid only inside tests and hooks.
 */
export function describeWithBuildkit(
  runner: HookedRunner,
  name: string,
  body: (buildkit: () => Buildkitd) => void,
  options: BuildkitdOptions = {},
): void {
  if (!isKindTested("buildkit")) return;
  const missing = missingForRoot(["runc"]) ?? missingForBuildkit();
  describeWherePossible(runner, name, { what: "BuildKit", missing }, () => {
    body(startForSuite(runner, () => startBuildkitd(options), startMs));
  });
}
