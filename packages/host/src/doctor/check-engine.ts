import { classicBuilderRemedy, hasClassicBuilderHole } from "@molecule/engine";
import { fine, type EngineDescription, type Verdict } from "@molecule/core";

/** Reports the engine's kind, version and address. */
export function checkEngine({ kind, address, version, apiVersion }: EngineDescription): Verdict {
  const name = kind === "podman" ? "Podman" : "Docker Engine";
  return fine(`${name} ${version}, API ${apiVersion}, at ${address}`);
}

/**
 * Reports the engine's builder. The classic builder works, so it passes with a recommendation. Undefined for Podman.
 */
export function checkBuildkit(engine: EngineDescription): Verdict | undefined {
  if (engine.kind === "podman") return undefined;
  if (engine.buildkit) return fine("the engine builds with BuildKit");
  const hole = hasClassicBuilderHole(engine) ? ", whose cache can be poisoned (CVE-2024-24557)" : "";
  return fine(`the engine builds with its classic builder${hole}; for BuildKit, ${classicBuilderRemedy}`);
}
