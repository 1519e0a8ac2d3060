import { definePlugin, type Call, type DiagnosisScope } from "@molecule/core";
import {
  assertUsableOptions,
  authFile,
  templateManifest,
  templateOptionsJsonSchema,
  templateSource,
} from "@molecule/template-build";
import { buildahCommand } from "./buildah-command.js";
import { authFileName } from "./build-arguments.js";
import { buildahImageBuilder } from "./buildah-image-builder.js";
import { buildahOptions } from "./buildah-options.js";
import { diagnoseBuildah } from "./diagnose-buildah.js";
import { loadIntoEngine } from "./load-into-engine.js";

const name = "buildah";

/** Builds the current commit of a Gitea template repository with buildah: no daemon, no socket. */
export default definePlugin({
  ...templateManifest,
  name,
  version: "0.1.0",
  apiVersion: 1,
  options: buildahOptions,
  assertUsable: (options) => {
    assertUsableOptions(options);
  },
  optionsJsonSchema: () => templateOptionsJsonSchema(buildahOptions),
  create: (options, services) => {
    const buildah = buildahCommand(services);
    const builder = buildahImageBuilder(
      buildah,
      authFile(services, { name: authFileName }),
      options.isolation,
    );
    const source = templateSource({
      name,
      options,
      services,
      builder: options.into === "docker" ? loadIntoEngine(builder, buildah, services.engine) : builder,
    });
    return {
      ...source,
      imagesIn: options.into === "docker" ? undefined : "storage",
      diagnose: async (call: Call, scope: DiagnosisScope) => {
        // At the same time: together, their limits exceed the one for all findings of a source.
        const findings = await Promise.all([
          source.diagnose(call, scope),
          diagnoseBuildah(buildah, services.clock, call),
        ]);
        return findings.flat();
      },
    };
  },
});
