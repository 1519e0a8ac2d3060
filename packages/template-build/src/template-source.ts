import {
  platformFor,
  type Call,
  type Diagnosable,
  type EngineBound,
  type Found,
  type ImageSource,
  type Missing,
  type Prunable,
  type ReadyImage,
  type Recallable,
  type Sharing,
  type Tracking,
  type SourceServices,
} from "@molecule/core";
import { buildKey } from "./image/build-key.js";
import { buildRecords } from "./image/build-records.js";
import { buildTemplate } from "./build-template.js";
import { possibleArguments } from "./dockerfile/possible-arguments.js";
import { diagnoseTemplateSource } from "./diagnosis/diagnose-template-source.js";
import { emulationNotice } from "./emulation-notice.js";
import type { ImageBuilder } from "./image/image-builder.js";
import { differsFrom, labelNames } from "./image/image-labels.js";
import { newestGood } from "./image/last-good.js";
import { isolationSuffix, isolationVariable, localReference } from "./image/local-reference.js";
import { sharedBuilds } from "./shared-builds.js";
import { templateStorage } from "./storage/template-storage.js";
import { templateForge } from "./forge/template-forge.js";
import { optionsFor } from "./options/runtime-options.js";
import type { TemplateOptions } from "./options/template-options.js";
import { templateAttributes } from "./template-attributes.js";
import type { TemplateResolution } from "./template-resolution.js";
import { locateWorkingCopy } from "./working-copy/locate-working-copy.js";
import { readWorkingCopy } from "./working-copy/read-working-copy.js";

/** The name, builder and options of a source, and the services of the host. */
export interface TemplateSourceParts {
  /** Name of the source. */
  readonly name: string;
  readonly builder: ImageBuilder;
  readonly options: TemplateOptions;
  readonly services: SourceServices;
}

type TemplateFound = Found & { readonly aliasLags: boolean };

/**
 * Builds the current commit of a template repository, or the content of a working copy, unless an image of exactly that is
 * present.
 */
export function templateSource({
  name,
  builder,
  options,
  services,
}: TemplateSourceParts): ImageSource &
  EngineBound &
  Recallable &
  Prunable &
  Diagnosable &
  Sharing &
  Tracking {
  const { prefix } = services.registry;
  const forge = templateForge(options, services);
  const records = buildRecords(services);
  const shared = sharedBuilds(options.share, builder);
  const workshop = { builder, services, warnOfEmulation: emulationNotice(builder) };
  const isolation = (): string => isolationSuffix(services.env[isolationVariable]);
  const platformOf = async (call: Call) =>
    platformFor(call, services.platform) ?? (await builder.nativePlatform(call));

  async function ready(
    { reference, revision, platform, buildKey: key }: Omit<ReadyImage, "imageId" | "digest" | "engine">,
    imageId: string,
    call: Call,
  ): Promise<ReadyImage> {
    const engine = await builder.engine(call);
    return { reference, imageId, digest: null, revision, platform, buildKey: key, engine };
  }

  async function moveAlias({ alias }: TemplateResolution, imageId: string, call: Call): Promise<void> {
    try {
      await call.progress.step("tag", alias, () => builder.tag(imageId, alias, call));
    } catch (error) {
      // The alias is only for people; containers are started by image ID.
      call.log.warn("the alias could not be moved", { alias, imageId, error: String(error) });
    }
  }

  return {
    name,
    ...templateStorage(builder, records, services),
    engine: (call) => builder.engine(call),
    diagnose: (call, scope) => diagnoseTemplateSource(forge, services, call, scope),

    async resolve(runtime, call): Promise<TemplateResolution> {
      const suffix = isolation();
      const source = forge.source(runtime);
      const own = optionsFor(options, runtime, call.requested);
      call.annotate?.(templateAttributes(own, source));
      if (own.path !== undefined) {
        const workingCopy = await locateWorkingCopy(runtime, own.path);
        const platform = await platformOf(call);
        const content = await readWorkingCopy(workingCopy, own, call);
        const key = buildKey({ ...own, content: content.hash, platform });
        const origin = { workingCopy: { buildKey: key } };
        const names = localReference({ ...origin, prefix, runtime, platform, isolation: suffix });
        const labels = { source, runtime, buildKey: key, managedBy: name };
        const copy = { ...workingCopy, content };
        const { buildArgs } = content;
        return {
          runtime,
          revision: null,
          platform,
          buildKey: key,
          buildArgs,
          labels,
          workingCopy: copy,
          ...names,
        };
      }
      const { commit, remote } = await forge.head(runtime, call);
      const platform = await platformOf(call);
      const key = buildKey({ ...own, commit, platform });
      const names = localReference({ prefix, runtime, commit, platform, isolation: suffix });
      const labels = { revision: commit, source, runtime, buildKey: key, managedBy: name };
      const buildArgs = possibleArguments(own);
      return { runtime, revision: commit, platform, buildKey: key, buildArgs, labels, remote, ...names };
    },

    async find(resolution: TemplateResolution, call): Promise<TemplateFound | Missing> {
      const { reference, alias, labels, platform } = resolution;
      const image = await builder.inspect(reference, call, platform);
      if (image === undefined) return { hit: false, why: `image not found: ${reference}` };
      const wrong = differsFrom(image, labels, platform);
      if (wrong !== undefined)
        return { hit: false, impostor: true, why: `${reference} is another image, ${image.id}: ${wrong}` };
      return {
        hit: true,
        image: await ready(resolution, image.id, call),
        aliasLags: !image.tags.includes(alias),
      };
    },

    async provide(resolution: TemplateResolution, found: TemplateFound | undefined, call) {
      const { reference, runtime, platform, labels } = resolution;
      const own = optionsFor(options, runtime, call.requested);
      // Not yet reported if the caller passed a plan.
      call.annotate?.({ ...templateAttributes(own, labels.source), "molecule.platform": platform });
      if (found !== undefined) {
        if (found.aliasLags) await moveAlias(resolution, found.image.imageId, call);
        return found.image;
      }
      // A refresh ignores an existing build.
      const taken = call.fresh ? undefined : await shared.take(resolution, call);
      const runtimeWorkshop = { ...workshop, options: own };
      const id = taken ?? (await buildTemplate(runtimeWorkshop, resolution, call)).id;
      await call.progress.step("tag", reference, () => builder.tag(id, reference, call));
      // Neither promise rejects, so `Promise.all` waits for both.
      await Promise.all([records.add(runtime, { imageId: id, reference }), moveAlias(resolution, id, call)]);
      if (taken !== undefined) await shared.release(resolution, call);
      return { ...(await ready(resolution, id, call)), built: taken === undefined };
    },

    share: (resolution: TemplateResolution, { imageId }, call) => shared.give(imageId, resolution, call),

    upstream(runtime) {
      const { revision, path, branch } = optionsFor(options, runtime);
      if (revision !== undefined || path !== undefined) return undefined;
      return { repository: forge.source(runtime), branch };
    },

    async lastGood(runtime, call) {
      const own = optionsFor(options, runtime);
      // Nothing but the configured commit or directory is good.
      const isFixed = own.revision !== undefined || own.path !== undefined;
      if (own.whenForgeIsDown !== "last-good" || isFixed) return undefined;
      const platform = await platformOf(call);
      const source = forge.source(runtime);
      const images = await builder.images([`${labelNames.runtime}=${runtime}`], call);
      const question = { runtime, platform, options: own, source, prefix, isolation: isolation() };
      const good = newestGood(images, await records.of(runtime), question, services.clock.wallMs());
      return good === undefined ? null : ready({ ...good, platform }, good.image.id, call);
    },
  };
}
