import { definePlugin, type Call, type DiagnosisScope, type SourceServices } from "@molecule/core";
import {
  assertUsableOptions,
  authFile,
  templateManifest,
  templateOptionsJsonSchema,
  templateSource,
  type ImageBuilder,
} from "@molecule/template-build";
import { buildIntoEngine } from "./build-into-engine.js";
import { buildIntoRegistry } from "./build-into-registry.js";
import { buildctlCommand } from "./buildctl-command.js";
import { buildkitOptions, type BuildkitOptions } from "./buildkit-options.js";
import { chooseMachine } from "./choose-builder.js";
import { diagnoseDestination } from "./diagnose-destination.js";
import { diagnoseBuildkit } from "./diagnose-buildkit.js";
import type { BuildMeans } from "./run-build.js";

const name = "buildkit";

/** Builds the current commit of a template repository on BuildKit builders, with buildctl. */
export default definePlugin({
  ...templateManifest,
  name,
  version: "0.1.0",
  apiVersion: 1,
  optionPaths: [
    ...templateManifest.optionPaths,
    ...["tls.ca", "tls.cert", "tls.key"],
    ...["cacheTo.path", "cacheFrom.path"],
  ],
  options: buildkitOptions,
  assertUsable: (options) => {
    assertUsableOptions(options);
  },
  optionsJsonSchema: () => templateOptionsJsonSchema(buildkitOptions),
  create: (options, services) => {
    const buildctl = buildctlCommand(services, options);
    const auth = authFile(services, { name: "config.json", keyOf: dockerKey });
    const source = templateSource({
      name,
      options,
      services,
      builder: builderOf({ buildctl, auth, options }, options, services),
    });
    return {
      ...source,
      diagnose: async (call: Call, scope: DiagnosisScope) => {
        // At the same time: together, their limits exceed the one for all findings of a source.
        const findings = await Promise.all([
          source.diagnose(call, scope),
          diagnoseBuildkit(buildctl, services.platform, services.clock, call),
          options.registry === undefined ? [] : diagnoseDestination(options.registry, services, call, scope),
        ]);
        return findings.flat();
      },
    };
  },
});

function builderOf(
  means: BuildMeans,
  { registry, attest }: BuildkitOptions,
  { engine, registryClient }: SourceServices,
): ImageBuilder {
  const builder =
    registry === undefined
      ? buildIntoEngine(means, engine)
      : buildIntoRegistry(means, { registry, attest, client: registryClient });
  return {
    ...builder,
    assertReady: () => means.buildctl.assertReady(),
    chooseMachine: (runtime, call) => chooseMachine(means.buildctl, runtime, call),
  };
}

/** The docker CLI's key for the entry of a registry, which buildctl uses too. */
function dockerKey(registry: string): string {
  return registry === "docker.io" ? "https://index.docker.io/v1/" : registry;
}
