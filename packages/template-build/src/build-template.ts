import {
  ImageSourceError,
  isImageSourceError,
  runTogether,
  type Call,
  type ImageInspection,
  type Log,
  type Resolution,
  type SourceServices,
  type StepReport,
} from "@molecule/core";
import { repositoryName } from "./checkout/object-store.js";
import { readBuildSecrets } from "./image/build-secrets.js";
import type { ContextSubject } from "./context/context-ignores.js";
import { locateDockerfile } from "./context/locate-dockerfile.js";
import { refuseTemplate } from "./context/refuse-template.js";
import { baseRegistries } from "./dockerfile/base-registries.js";
import { plainBases } from "./dockerfile/plain-bases.js";
import { refuseMissingStages } from "./dockerfile/refuse-missing-stages.js";
import { refuseNonDockerfile } from "./dockerfile/refuse-non-dockerfile.js";
import { refuseRegistries } from "./dockerfile/refuse-registries.js";
import type { EmulationNotice } from "./emulation-notice.js";
import type { BuildPlan, ImageBuilder } from "./image/image-builder.js";
import { asEngineLabels, differsFrom } from "./image/image-labels.js";
import { templateArguments } from "./dockerfile/template-arguments.js";
import type { RuntimeOptions } from "./options/runtime-options.js";
import type { TemplateResolution } from "./template-resolution.js";
import { openTemplateTree, type TemplateTree } from "./template-tree.js";
import { unlessIncomplete } from "./unless-incomplete.js";
import { readWorkingCopy } from "./working-copy/read-working-copy.js";
import { withWorkingCopyFaults, workingCopyChanged } from "./working-copy/working-copy-faults.js";

/** The builder, options and services for building images from templates. */
export interface TemplateWorkshop {
  readonly builder: ImageBuilder;
  readonly options: RuntimeOptions;
  readonly services: Pick<SourceServices, "store" | "env" | "mask">;
  readonly warnOfEmulation: EmulationNotice;
}

/** Explains why a built image is not the requested one. */
interface Wrong {
  readonly wrong: string;
}

/**
 * Fetches the commit, or takes the working copy, and builds it. The returned image is untagged, and was inspected to match
 * the request.
 */
export async function buildTemplate(
  workshop: TemplateWorkshop,
  resolution: TemplateResolution,
  call: Call,
): Promise<ImageInspection> {
  const { builder } = workshop;
  await builder.assertReady?.();
  const secrets = await readBuildSecrets(workshop.options.secrets, workshop.services);
  const [tree, { machine }] = await runTogether(
    call.signal,
    (signal) => openTemplateTree(workshop.services, resolution, { ...call, signal }),
    async (signal) => {
      const choosing = { ...call, signal };
      const choose = builder.chooseMachine?.bind(builder, resolution.runtime, choosing);
      // In a function of its own: the tree would stay open if a builder in JavaScript threw.
      const chosen = choose && (async () => choose())();
      await workshop.warnOfEmulation(resolution, chosen, choosing);
      // Not awaited: if no machine can be chosen, the build rejects with that error.
      return { machine: chosen };
    },
  );
  try {
    return await call.progress.step("build", resolution.reference, async (report) => {
      const make = async (): Promise<ImageInspection> => {
        const template = await templateOf(workshop, tree, resolution, { secrets, machine }, call.log);
        const image = await built(workshop, template, tree, resolution, report, call);
        await ofComplete(builder, tree, image, call);
        return image;
      };
      return resolution.workingCopy === undefined
        ? await make()
        : await ofUnchanged(workshop, resolution.workingCopy, call, make);
    });
  } finally {
    await tree.settle();
  }
}

/** Discards the image and rejects if the commit is damaged, or its checkout cannot be written. */
async function ofComplete(
  builder: ImageBuilder,
  { complete }: TemplateTree,
  image: ImageInspection,
  call: Call,
): Promise<void> {
  try {
    await complete;
  } catch (error) {
    await discardQuietly(builder, image, call);
    throw error;
  }
}

/** Discards the image and rejects with `CHECKOUT_FAILED` if the working copy changed since it was looked up. */
async function ofUnchanged(
  { builder, options }: TemplateWorkshop,
  workingCopy: NonNullable<TemplateResolution["workingCopy"]>,
  call: Call,
  make: () => Promise<ImageInspection>,
): Promise<ImageInspection> {
  const { path, content } = workingCopy;
  const image = await withWorkingCopyFaults(path, make);
  try {
    const now = await readWorkingCopy(workingCopy, options, call);
    // The stamp reveals a file that was changed and changed back while the builder read it.
    if (now.hash === content.hash && now.stamp === content.stamp) return image;
    throw workingCopyChanged(path);
  } catch (error) {
    await discardQuietly(builder, image, call);
    // It was a template a moment ago.
    const isInvalid = isImageSourceError(error) && error.code === "TEMPLATE_INVALID";
    throw isInvalid ? workingCopyChanged(path, error) : error;
  }
}

/** A template that may be built, and how. */
interface Template {
  readonly subject: ContextSubject & { readonly modifiedAt: Date };
  readonly plan: Omit<BuildPlan, "context" | "fresh">;
}

/** Rejects with `TEMPLATE_INVALID` for a template that cannot be built, or is not allowed to be. */
async function templateOf(
  { options }: TemplateWorkshop,
  { tree, scratch, modifiedAt, features }: TemplateTree,
  { platform, labels }: TemplateResolution,
  given: Pick<BuildPlan, "secrets" | "machine">,
  log: Log,
): Promise<Template> {
  const { target, allowedRegistries } = options;
  const namedDockerfile = options.dockerfile;
  const dockerfile = await locateDockerfile(tree, namedDockerfile);
  const subject = { tree, dockerfile, namedDockerfile, modifiedAt };
  await refuseTemplate(subject, options, features);
  const { buildArgs, fromFiles, undeclared } = await templateArguments(tree, dockerfile, options);
  const names = Object.keys(buildArgs).sort();
  // The values of a template's files may be logged: they are in the repository. A configured value is the user's.
  if (names.length > 0)
    log.info("building with build arguments", { buildArgs: names, fromTemplate: fromFiles });
  for (const { argument, path } of undeclared)
    log.warn("the Dockerfile does not declare the build argument of a file, so the file has no effect", {
      file: path,
      argument,
      hint: `add ARG ${argument} to the stage that uses it`,
    });
  await refuseNonDockerfile(tree, dockerfile, buildArgs);
  await refuseMissingStages(tree, dockerfile, buildArgs);
  if (allowedRegistries !== undefined) await refuseRegistries(tree, dockerfile, buildArgs, allowedRegistries);
  const plan = {
    scratch,
    platform,
    labels: asEngineLabels(labels),
    target,
    buildArgs,
    baseRegistries: await baseRegistries(tree, dockerfile, buildArgs),
    plainBases: await plainBases(tree, dockerfile, buildArgs),
    ...given,
  };
  return { subject, plan };
}

async function built(
  { builder, services: { store } }: TemplateWorkshop,
  { subject, plan }: Template,
  { complete }: Pick<TemplateTree, "complete">,
  resolution: TemplateResolution,
  report: StepReport,
  call: Call,
): Promise<ImageInspection> {
  // Loaded only for a build: a cache hit starts faster without it.
  const [{ withContext }, { withTransfer }] = await Promise.all([
    import("./context/with-context.js"),
    import("./transfer/with-transfer.js"),
  ]);
  const { workingCopy, runtime } = resolution;
  const directory = workingCopy ? undefined : repositoryName(runtime, resolution.remote.url);
  const make = async (fresh: boolean): Promise<ImageInspection | Wrong> => {
    try {
      const name = await unlessIncomplete(complete, call, (building) =>
        withContext(subject, building, (context) =>
          withTransfer({ store, log: call.log, directory, fresh }, context, (kept) =>
            builder.build({ ...plan, context: kept, fresh }, report, building),
          ),
        ),
      );
      return await checked(builder, name, resolution, call);
    } catch (error) {
      if (fresh || !isImageSourceError(error) || !error.withoutCache) throw error;
      return { wrong: error.message };
    }
  };

  let made = await make(call.fresh);
  if ("wrong" in made && !call.fresh) {
    // The classic builder uses an image cached for another platform, or fails on it.
    call.log.warn("the build produced a different image; rebuilding without cache", {
      why: made.wrong,
    });
    made = await make(true);
  }
  if ("wrong" in made) throw wrongImage(resolution, made);
  return made;
}

/** Inspects the result: the end of the build stream does not prove that the image is right. */
async function checked(
  builder: ImageBuilder,
  name: string,
  { labels, platform }: TemplateResolution,
  call: Call,
): Promise<ImageInspection | Wrong> {
  const image = await builder.inspect(name, call, platform);
  if (image === undefined) return { wrong: "it does not exist" };
  const wrong = differsFrom(image, labels, platform);
  if (wrong === undefined) return image;
  await discardQuietly(builder, image, call);
  return { wrong };
}

/** Keeps an image with a tag: a build from the cache may produce an image that is already in use. */
async function discardQuietly(builder: ImageBuilder, image: ImageInspection, call: Call): Promise<void> {
  if (image.tags.length > 0) return;
  await builder.discard(image, call).catch((error: unknown) => {
    call.log.debug("the wrong image could not be removed", { imageId: image.id, error: String(error) });
  });
}

function wrongImage({ reference }: Resolution, { wrong }: Wrong): ImageSourceError {
  return new ImageSourceError({
    code: "BUILD_FAILED",
    message: `the image built for ${reference} is not the requested one: ${wrong}`,
    hint: "Check that the template's base image exists for this platform.",
  });
}
