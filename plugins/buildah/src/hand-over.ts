import { createReadStream } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import type { ContainerEngine } from "@molecule/core";
import { engineImageBuilder, type ImageBuilder } from "@molecule/template-build";
import type { BuildahCommand } from "./buildah-command.js";

/**
 * Builds as `builder` does and loads the result into the engine: the images are found and run there. What buildah keeps
 * of them in its own storage is its cache.
 */
export function handOver(
  builder: ImageBuilder,
  buildah: BuildahCommand,
  engine: ContainerEngine,
): ImageBuilder {
  return {
    ...engineImageBuilder(engine),
    async build(plan, report, call) {
      const id = await builder.build(plan, report, call);
      const place = await mkdtemp(join(plan.scratch, "archive-"));
      return call.progress.step("load", id, async (load) => {
        load.quiet("copying an image from buildah to the engine");
        // A colon in the path would end it.
        await buildah.read(["push", "--quiet", id, "docker-archive:image.tar"], call, undefined, {
          cwd: place,
        });
        const request = { archive: createReadStream(join(place, "image.tar")), report: load };
        const { loaded } = await engine.loadImage(request, call);
        // The archive has no name. An engine may name images by something else than their configuration.
        return loaded.find((name) => name.startsWith("sha256:")) ?? id;
      });
    },
  };
}
