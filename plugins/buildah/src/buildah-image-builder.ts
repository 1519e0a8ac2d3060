import { parseImageReference, parsePlatform, platformOf } from "@molecule/core";
import type { AuthFile, ImageBuilder } from "@molecule/template-build";
import { authArguments } from "./build-arguments.js";
import { inUse, transferFailure } from "./build-failure.js";
import type { BuildahCommand } from "./buildah-command.js";
import { buildahImages, fullName } from "./buildah-images.js";
import type { Isolation } from "./buildah-options.js";

/** Builds into the containers-storage of the user, which Podman shares and no engine's API serves. */
export function buildahImageBuilder(
  buildah: BuildahCommand,
  auth: AuthFile,
  isolation: Isolation,
): ImageBuilder {
  const images = buildahImages(buildah);
  return {
    engine: async () => null,
    async nativePlatform(_runtime, call) {
      const { host } = JSON.parse(await buildah.read(["info"], call)) as {
        readonly host: { readonly os: string; readonly arch: string; readonly variant?: string };
      };
      return parsePlatform(platformOf({ os: host.os, architecture: host.arch, variant: host.variant ?? "" }));
    },
    inspect: (nameOrId, call) => images.inspect(nameOrId, call),
    images: (labels, call) => images.withLabels(labels, call),
    inUse: (call) => images.users(call),
    async build(plan, report, call) {
      // Only a build needs it: a hit starts faster without.
      const { runBuild } = await import("./run-build.js");
      return runBuild({ buildah, auth, isolation }, plan, report, call);
    },
    async tag({ id }, reference, call) {
      await buildah.read(["tag", id, fullName(reference)], call);
    },
    async pull(reference, platform, report, call) {
      report.quiet("buildah does not report the progress of a pull");
      const name = fullName(reference);
      const args = ["pull", "--quiet", "--policy=always", `--platform=${platform}`];
      const id = await auth.withCredentials([parseImageReference(reference).registry], call, (directory) =>
        buildah.read([...args, ...authArguments(directory), `docker://${name}`], call, (said) =>
          transferFailure(said, reference, "pulled"),
        ),
      );
      return `sha256:${id.trim().replace(/^sha256:/, "")}`;
    },
    async push(imageId, reference, report, call) {
      report.quiet("buildah does not report the progress of a push");
      const names = [imageId, `docker://${fullName(reference)}`];
      await auth.withCredentials([parseImageReference(reference).registry], call, (directory) =>
        buildah.read(["push", "--quiet", ...authArguments(directory), ...names], call, (said) =>
          transferFailure(said, reference, "pushed"),
        ),
      );
    },
    untag: (reference, call) => removed(fullName(reference), call),
    discard: ({ id }, call) => removed(id, call),
  };

  async function removed(nameOrId: string, call: Parameters<ImageBuilder["untag"]>[1]): Promise<void> {
    if ((await images.inspect(nameOrId, call)) === undefined) return;
    await buildah.read(["rmi", nameOrId], call, (said) => inUse(said, nameOrId));
  }
}
