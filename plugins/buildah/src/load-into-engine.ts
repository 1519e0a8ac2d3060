import { createReadStream } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import type { ContainerEngine } from "@molecule/core";
import { engineImageBuilder, type ImageBuilder } from "@molecule/template-build";
import type { BuildahCommand } from "./buildah-command.js";

/**
 * Builds with `builder` and loads the result into the engine, where images are found and run. The copies in buildah's own
 * storage are only its cache.
 */
export function loadIntoEngine(
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
        // Relative, because a colon in the path would end it.
        await buildah.read(["push", "--quiet", id, "docker-archive:image.tar"], call, undefined, {
          cwd: place,
        });
        const request = { archive: createReadStream(join(place, "image.tar")), report: load };
        const { loaded } = await engine.loadImage(request, call);
        // The archive has no name. The engine's image ID may not be the digest of the configuration.
        return loaded.find((name) => name.startsWith("sha256:")) ?? id;
      });
    },
  };
}
