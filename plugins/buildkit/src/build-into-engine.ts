import { createReadStream } from "node:fs";
import { join } from "node:path";
import type { ContainerEngine } from "@molecule/core";
import { engineImageBuilder, type ImageBuilder } from "@molecule/template-build";
import { buildFiles } from "./build-arguments.js";
import type { BuildMeans } from "./run-build.js";

/** Builds on a BuildKit builder and loads the result into the engine, where images are found and run. */
export function buildIntoEngine(means: BuildMeans, engine: ContainerEngine): ImageBuilder {
  return {
    ...engineImageBuilder(engine),
    async build(plan, report, call) {
      // Only a build needs it: a hit starts faster without.
      const { digestIn, runBuild } = await import("./run-build.js");
      const exporter = { type: "docker", dest: buildFiles.archive };
      const built = await runBuild(means, plan, { exporter, registries: [], args: [] }, report, call);
      const id = digestIn(built, "containerimage.config.digest");
      return call.progress.step("load", id, async (load) => {
        const request = { archive: createReadStream(join(built.place, buildFiles.archive)), report: load };
        const { loaded } = await engine.loadImage(request, call);
        // The archive has no name. The engine's image ID may not be the digest of the configuration.
        return loaded.find((name) => name.startsWith("sha256:")) ?? id;
      });
    },
  };
}
