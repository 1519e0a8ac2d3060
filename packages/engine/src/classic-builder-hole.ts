import type { EngineCall } from "@molecule/core";
import { describeEngine } from "./describe-engine.js";
import type { EngineConnection } from "./engine-connection.js";

/**
 * Warns when the classic builder of this engine takes a foreign image for a step it has done before (CVE-2024-24557,
 * mended in 24.0.9 and 25.0.2). Podman has a builder of its own.
 */
export async function warnOfClassicBuilder(connection: EngineConnection, call: EngineCall): Promise<void> {
  const { warn, address } = connection;
  if (warn === undefined) return;
  const { kind, version } = await describeEngine(connection, call);
  if (kind === "podman" || !hasHole(version)) return;
  warn("the engine builds with its classic builder, whose cache can be poisoned (CVE-2024-24557)", {
    engine: address,
    version,
    remedy: 'set {"features":{"buildkit":true}} in the engine\'s daemon.json, or use Docker 25.0.2 or newer',
  });
}

/** Distributions write `20.10.24+dfsg1`. What is no version is not warned of. */
function hasHole(version: string): boolean {
  const [, ...parts] = /^(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  if (parts.length === 0) return false;
  const [major = 0, minor = 0, patch = 0] = parts.map(Number);
  if (major === 24) return minor === 0 && patch < 9;
  if (major === 25) return minor === 0 && patch < 2;
  return major < 24;
}
