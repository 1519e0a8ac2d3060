import type { EngineCall, EngineDescription } from "@molecule/core";
import { describeEngine } from "../connection/describe-engine.js";
import type { EngineConnection } from "../connection/engine-connection.js";

/** How to fix what {@link hasClassicBuilderHole} detects. */
export const classicBuilderRemedy =
  'set {"features":{"buildkit":true}} in the engine\'s daemon.json, or use Docker 25.0.2 or newer';

/**
 * Whether builds use a classic builder whose cache can be poisoned: it may use a foreign image as the result of a
 * step (CVE-2024-24557, fixed in 24.0.9 and 25.0.2). Podman has its own builder.
 */
export function hasClassicBuilderHole({ kind, buildkit, version }: EngineDescription): boolean {
  if (kind === "podman" || buildkit) return false;
  // Distributions append to the version: `20.10.24+dfsg1`. Text in any other form is not a version.
  const [, ...parts] = /^(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  if (parts.length === 0) return false;
  const [major = 0, minor = 0, patch = 0] = parts.map(Number);
  if (major === 24) return minor === 0 && patch < 9;
  if (major === 25) return minor === 0 && patch < 2;
  return major < 24;
}

/** Only logs it at info level: Debian's standard engine is affected, and a warning on every build would be noise. */
export async function logVulnerableClassicBuilder(
  connection: EngineConnection,
  call: EngineCall,
): Promise<void> {
  const { log, address } = connection;
  if (log === undefined) return;
  const description = await describeEngine(connection, call);
  if (!hasClassicBuilderHole(description)) return;
  log.info("the engine builds with its classic builder, whose cache can be poisoned (CVE-2024-24557)", {
    engine: address,
    version: description.version,
    hint: classicBuilderRemedy,
  });
}
