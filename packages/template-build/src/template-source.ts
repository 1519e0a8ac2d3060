import {
  parseImageReference,
  platformFor,
  runTogether,
  type Call,
  type Diagnosable,
  type EngineBound,
  type Found,
  type ImageSource,
  type Missing,
  type Prunable,
  type ReadyImage,
  type Recallable,
  type RuntimeName,
  type Sharing,
  type Tracking,
  type SourceServices,
} from "@molecule/core";
import { diagnoseVerification, imageVerification } from "@molecule/signatures";
import { buildKey, prepareBuildKey } from "./image/build-key.js";
import { buildRecords } from "./image/build-records.js";
import { possibleArguments } from "./dockerfile/possible-arguments.js";
import { emulationNotice } from "./emulation-notice.js";
import type { BuiltImage, ImageBuilder } from "./image/image-builder.js";
import { differsFrom, labelNames } from "./image/image-labels.js";
import { newestGood } from "./image/last-good.js";
import { inspectOrMiss } from "./image/inspect-or-miss.js";
import { newestBuild } from "./image/newest-build.js";
import { newestPublished } from "./image/newest-published.js";
import { isolationSuffix, isolationVariable, latestAlias, localReference } from "./image/local-reference.js";
import { trustedImages } from "./image/trusted-images.js";
import { registryAccess } from "./image/registry-access.js";
import { moveAlias, nameBuild } from "./name-build.js";
import { sharedBuilds } from "./shared-builds.js";
import { templateStorage } from "./storage/template-storage.js";
import { templateForge } from "./forge/template-forge.js";
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

type TemplateFound = Found & {
  /** The image, if its alias names another one. */
  readonly lagging: BuiltImage | undefined;
};

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
  const { registry } = builder;
  const prefix = registry ?? services.registry.prefix;
  const forge = templateForge(options, services);
  const records = buildRecords(services);
  const verify = options.share?.verify;
  const policy = verify && { verify, option: `options.${name}.share.verify` };
  const verification = policy && imageVerification(policy, { ...services, engine: registryAccess(builder) });
  const shared = sharedBuilds(options.share, {
    builder,
    registryClient: services.registryClient,
    verification,
  });
  const trusted = trustedImages(verification, records);
  const newest = newestBuild(builder, services.clock);
  const workshop = { builder, services, warnOfEmulation: emulationNotice(builder) };
  const isolation = (): string => isolationSuffix(services.env[isolationVariable]);
  const platformOf = async (runtime: RuntimeName, call: Call) =>
    platformFor(call, services.platform) ?? (await builder.nativePlatform(runtime, call));

  async function ready(
    { reference, revision, platform, buildKey: key }: Omit<ReadyImage, "imageId" | "digest" | "engine">,
    image: BuiltImage,
    call: Call,
  ): Promise<ReadyImage> {
    const engine = await builder.engine(call);
    const own = { imageId: image.id, revision, platform, buildKey: key, engine };
    const [published] = registry === undefined ? [] : image.digests;
    return published === undefined
      ? { reference, digest: null, ...own }
      : { reference: published, digest: parseImageReference(published).digest, ...own };
  }

  return {
    name,
    ...templateStorage(builder, records, services),
    engine: (call) => builder.engine(call),
    imagesIn: registry === undefined ? undefined : "registry",
    buildsElsewhere: builder.chooseMachine !== undefined,
    diagnose: async (call, scope) => {
      const { diagnoseTemplateSource } = await import("./diagnosis/diagnose-template-source.js");
      const [ofTemplates, ofSignatures] = await Promise.all([
        diagnoseTemplateSource(forge, services, call, scope),
        policy === undefined ? [] : diagnoseVerification(policy, services, call),
      ]);
      return [...ofTemplates, ...ofSignatures];
    },

    async resolve(runtime, call): Promise<TemplateResolution> {
      // Reports an unusable key before anything is contacted.
      await verification?.policyId();
      const suffix = isolation();
      const own = forge.template(runtime, call.requested);
      const { source } = own.repository;
      call.annotate?.(templateAttributes(own, source));
      if (own.path !== undefined) {
        const workingCopy = await locateWorkingCopy(runtime, own.path);
        const platform = await platformOf(runtime, call);
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
      const [{ commit, remote }, platform] = await runTogether(
        call.signal,
        (signal) => forge.head(own, { ...call, signal }),
        async (signal) => {
          const platform = await platformOf(runtime, { ...call, signal });
          if (own.revision === undefined && registry === undefined && !call.fresh) {
            const alias = latestAlias({ prefix, runtime, platform, isolation: suffix });
            await newest.inspect(alias, platform, call, signal);
          }
          return platform;
        },
        prepareBuildKey,
      );
      const key = buildKey({ ...own, commit, platform });
      const names = localReference({ prefix, runtime, commit, platform, isolation: suffix });
      const labels = { revision: commit, source, runtime, buildKey: key, managedBy: name };
      const buildArgs = possibleArguments(own);
      return { runtime, revision: commit, platform, buildKey: key, buildArgs, labels, remote, ...names };
    },

    async find(resolution: TemplateResolution, call): Promise<TemplateFound | Missing> {
      const { reference, alias, labels, platform } = resolution;
      const known = await newest.take(call);
      const image =
        known?.tags.includes(reference) === true
          ? known
          : await inspectOrMiss(builder, reference, platform, call);
      if (image === undefined) return { hit: false, why: `image not found: ${reference}` };
      if ("hit" in image) return image;
      const wrong = differsFrom(image, labels, platform);
      if (wrong !== undefined)
        return { hit: false, impostor: true, why: `${reference} is another image, ${image.id}: ${wrong}` };
      if (resolution.workingCopy === undefined && !(await trusted.includes(resolution.runtime, image.id)))
        return {
          hit: false,
          why: `no record says that ${reference} was built here, or that its signature was verified`,
        };
      // Aliases in a registry follow builds only: a hit needs no permission to push.
      const lagging = registry === undefined && !image.tags.includes(alias) ? image : undefined;
      return { hit: true, image: await ready(resolution, image, call), lagging };
    },

    async provide(resolution: TemplateResolution, found: TemplateFound | undefined, call) {
      const { reference, runtime, platform, labels } = resolution;
      const own = forge.template(runtime, call.requested);
      // Not yet reported if the caller passed a plan.
      call.annotate?.({ ...templateAttributes(own, labels.source), "molecule.platform": platform });
      if (found !== undefined) {
        if (found.lagging !== undefined) await moveAlias(builder, found.lagging, resolution, call);
        return found.image;
      }
      // A refresh ignores an existing build.
      const taken = call.fresh ? undefined : await shared.take(resolution, call);
      const runtimeWorkshop = { ...workshop, options: own };
      // Imported late: most calls find the image.
      const { buildTemplate } = await import("./build-template.js");
      const image =
        taken?.image ??
        (await nameBuild(builder, await buildTemplate(runtimeWorkshop, resolution, call), resolution, call));
      const { id: imageId } = image;
      const record = { imageId, reference, isBuilt: taken === undefined, verifiedBy: taken?.verifiedBy };
      const decidesTrust = verification !== undefined && resolution.workingCopy === undefined;
      // In a registry, no hit would move the alias back from an earlier commit that one call asked for.
      const isNewest = registry === undefined || call.requested?.revision === undefined;
      // Neither promise rejects, so `Promise.all` waits for both.
      await Promise.all([
        ...(registry === undefined ? [records.add(runtime, record, { decidesTrust })] : []),
        ...(isNewest ? [moveAlias(builder, image, resolution, call)] : []),
      ]);
      return { ...(await ready(resolution, image, call)), built: taken === undefined };
    },

    share: (resolution: TemplateResolution, { imageId }, call) => shared.give(imageId, resolution, call),

    upstream(runtime) {
      const { revision, path, branch, repository } = forge.template(runtime);
      if (revision !== undefined || path !== undefined) return undefined;
      return { repository: repository.source, branch };
    },

    async lastGood(runtime, call) {
      const own = forge.template(runtime);
      // Nothing but the configured commit or directory is good.
      const isFixed = own.revision !== undefined || own.path !== undefined;
      if (own.whenForgeIsDown !== "last-good" || isFixed) return undefined;
      const platform = await platformOf(runtime, call);
      const { source } = own.repository;
      const question = { runtime, platform, options: own, source, prefix, isolation: isolation() };
      const images =
        registry === undefined
          ? await builder.images([`${labelNames.runtime}=${runtime}`], call)
          : await newestPublished(builder, question, call);
      const known = await records.of(runtime);
      const usable = await trusted.among(images, known);
      const good = newestGood(usable, known, question, services.clock.wallMs());
      return good === undefined ? null : ready({ ...good, platform }, good.image, call);
    },
  };
}
