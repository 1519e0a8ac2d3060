import { definePlugin, type Call, type DiagnosisScope } from "@molecule/core";
import {
  assertUsableOptions,
  authFile,
  templateManifest,
  templateOptionsJsonSchema,
  templateSource,
} from "@molecule/template-build";
import { buildIntoEngine } from "./build-into-engine.js";
import { buildctlCommand } from "./buildctl-command.js";
import { buildkitOptions } from "./buildkit-options.js";
import { diagnoseBuildkit } from "./diagnose-buildkit.js";

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
      builder: buildIntoEngine({ buildctl, auth, options }, services.engine),
    });
    return {
      ...source,
      diagnose: async (call: Call, scope: DiagnosisScope) => [
        ...(await source.diagnose(call, scope)),
        ...(await diagnoseBuildkit(buildctl, services.clock, call)),
      ],
    };
  },
});

/** The docker CLI's key for the entry of a registry, which buildctl uses too. */
function dockerKey(registry: string): string {
  return registry === "docker.io" ? "https://index.docker.io/v1/" : registry;
}
