import type { EngineCall, EngineDescription } from "@molecule/core";
import { describeEngine } from "../connection/describe-engine.js";
import type { EngineConnection } from "../connection/engine-connection.js";

/** What to do about {@link hasClassicBuilderHole}. */
export const classicBuilderRemedy =
  'set {"features":{"buildkit":true}} in the engine\'s daemon.json, or use Docker 25.0.2 or newer';

/**
 * Whether builds go to a classic builder that can be led to take a foreign image for a step that it has done before
 * (CVE-2024-24557, fixed in 24.0.9 and 25.0.2). Podman has a builder of its own.
 */
export function hasClassicBuilderHole({ kind, buildkit, version }: EngineDescription): boolean {
  if (kind === "podman" || buildkit) return false;
  // Distributions write `20.10.24+dfsg1`. Anything else is not a version.
  const [, ...parts] = /^(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  if (parts.length === 0) return false;
  const [major = 0, minor = 0, patch = 0] = parts.map(Number);
  if (major === 24) return minor === 0 && patch < 9;
  if (major === 25) return minor === 0 && patch < 2;
  return major < 24;
}

/** For the log alone: the everyday engine of Debian has the hole, and a warning with every build would be noise. */
export async function tellOfClassicBuilder(connection: EngineConnection, call: EngineCall): Promise<void> {
  const { log, address } = connection;
  if (log === undefined) return;
  const description = await describeEngine(connection, call);
  if (!hasClassicBuilderHole(description)) return;
  log.info("the engine builds with its classic builder, whose cache can be poisoned (CVE-2024-24557)", {
    engine: address,
    version: description.version,
    remedy: classicBuilderRemedy,
  });
}
