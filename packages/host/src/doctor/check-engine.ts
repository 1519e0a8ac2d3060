import { classicBuilderRemedy, exposureRemedy, hasClassicBuilderHole } from "@molecule/engine";
import { doubtful, fine, type EngineDescription, type Verdict } from "@molecule/core";

/** Reports the engine's kind, version and address. Warns if it is on another machine, without verified TLS. */
export function checkEngine({ kind, address, version, apiVersion, isExposed }: EngineDescription): Verdict {
  const name = kind === "podman" ? "Podman" : "Docker Engine";
  const found = `${name} ${version}, API ${apiVersion}, at ${address}`;
  return isExposed === true
    ? doubtful(`${found}, without verified TLS`, `To protect the engine, ${exposureRemedy}.`)
    : fine(found);
}

/**
 * Reports the engine's builder. Warns about a classic builder whose cache can be poisoned; any other one passes with a
 * recommendation. Undefined for Podman.
 */
export function checkBuildkit(engine: EngineDescription): Verdict | undefined {
  if (engine.kind === "podman") return undefined;
  if (engine.buildkit) return fine("the engine builds with BuildKit");
  const classic = "the engine builds with its classic builder";
  return hasClassicBuilderHole(engine)
    ? doubtful(
        `${classic}, whose cache can be poisoned (CVE-2024-24557)`,
        `To build with BuildKit, ${classicBuilderRemedy}.`,
      )
    : fine(`${classic}; for BuildKit, ${classicBuilderRemedy}`);
}
