import { join } from "node:path";
import {
  ImageSourceError,
  shortSha,
  type Call,
  type Found,
  type ImageInspection,
  type ImageSource,
  type Missing,
  type ReadyImage,
  type Resolution,
  type SourceServices,
} from "@molecule/core";
import { buildKey } from "./build-key.js";
import { checkOut } from "./checkout/check-out.js";
import type { Checkout, GitRemote } from "./checkout/git-remote.js";
import { ownBase } from "./checkout/own-directories.js";
import { locateDockerfile } from "./context/locate-dockerfile.js";
import { refuseTemplate } from "./context/refuse-template.js";
import { refuseRegistries } from "./dockerfile/refuse-registries.js";
import type { ImageBuilder } from "./image-builder.js";
import { asEngineLabels, differsFrom, type ImageLabels } from "./image-labels.js";
import {
  isolationSuffix,
  isolationVariable,
  localReference,
  type LocalReference,
} from "./local-reference.js";
import type { TemplateForge } from "./template-forge.js";
import type { TemplateOptions } from "./template-options.js";

export interface TemplateSourceParts {
  /** The source's name. */
  readonly name: string;
  readonly forge: TemplateForge;
  readonly builder: ImageBuilder;
  readonly options: TemplateOptions;
  readonly services: SourceServices;
}

type Commit = NonNullable<Resolution["revision"]>;
type TemplateResolution = Resolution &
  LocalReference & {
    readonly revision: Commit;
    readonly buildKey: string;
    readonly labels: ImageLabels;
    readonly remote: GitRemote;
  };
type TemplateFound = Found & { readonly aliasLags: boolean };

/** Why an image that was built is not the one asked for. */
interface Wrong {
  readonly wrong: string;
}

/** Builds the current commit of a template repository, where no image of exactly that commit is present. */
export function templateSource({
  name,
  forge,
  builder,
  options,
  services,
}: TemplateSourceParts): ImageSource {
  async function ready(resolution: TemplateResolution, imageId: string, call: Call): Promise<ReadyImage> {
    const { reference, revision, platform } = resolution;
    const engine = await builder.engine(call);
    return { reference, imageId, digest: null, revision, platform, buildKey: resolution.buildKey, engine };
  }

  async function moveAlias({ alias }: TemplateResolution, imageId: string, call: Call): Promise<void> {
    try {
      await call.progress.step("tag", alias, () => builder.tag(imageId, alias, call));
    } catch (error) {
      // It is for people; whoever runs the image has its ID.
      call.log.warn("the alias could not be moved", { alias, imageId, error: String(error) });
    }
  }

  async function build(resolution: TemplateResolution, call: Call): Promise<ImageInspection> {
    const { runtime, revision, remote } = resolution;
    const { cacheDir, env } = services;
    const directory = join(cacheDir, runtime, shortSha(revision));
    const base = ownBase(cacheDir, env);
    const checkout = await call.progress.step("checkout", `${remote.url} ${revision}`, (report) =>
      checkOut({
        remote,
        commit: revision,
        directory,
        base,
        env,
        signal: call.signal,
        report,
        log: call.log,
      }),
    );
    try {
      return await buildFrom(checkout, resolution, call);
    } finally {
      await checkout.settle();
    }
  }

  function buildFrom(
    checkout: Checkout,
    resolution: TemplateResolution,
    call: Call,
  ): Promise<ImageInspection> {
    const { platform, labels } = resolution;
    return call.progress.step("build", resolution.reference, async (report) => {
      const { directory } = checkout;
      const dockerfile = await locateDockerfile(directory, options.dockerfile);
      await refuseTemplate(directory, dockerfile, options);
      if (options.allowedRegistries !== undefined)
        await refuseRegistries(directory, dockerfile, options.buildArgs, options.allowedRegistries);
      const plan = {
        directory,
        dockerfile,
        modifiedAt: checkout.committedAt,
        platform,
        labels: asEngineLabels(labels),
        target: options.target,
        buildArgs: options.buildArgs,
      };
      const make = async (fresh: boolean): Promise<ImageInspection | Wrong> =>
        checked(await builder.build({ ...plan, fresh }, report, call), resolution, call);

      let made = await make(call.fresh);
      if ("wrong" in made && !call.fresh) {
        // The classic builder takes what it has cached for another platform.
        call.log.warn("the build gave another image than asked for; once more without cache", {
          why: made.wrong,
        });
        made = await make(true);
      }
      if ("wrong" in made) throw notAsAsked(resolution, made);
      return made;
    });
  }

  /** The engine's word about the result, not the end of its stream, is what counts. */
  async function checked(
    imageId: string,
    { labels, platform }: TemplateResolution,
    call: Call,
  ): Promise<ImageInspection | Wrong> {
    const image = await builder.inspect(imageId, call);
    if (image === undefined) return { wrong: "it is not there" };
    const wrong = differsFrom(image, labels, platform);
    if (wrong === undefined) return image;
    await builder.discard(imageId, call).catch((error: unknown) => {
      call.log.debug("the wrong image could not be removed", { imageId, error: String(error) });
    });
    return { wrong };
  }

  return {
    name,

    async resolve(runtime, call): Promise<TemplateResolution> {
      const isolation = isolationSuffix(services.env[isolationVariable]);
      const { commit, remote, source } = await forge.head(runtime, call);
      const platform = services.platform ?? (await builder.nativePlatform(call));
      const key = buildKey({ ...options, target: options.target, commit, platform });
      const names = localReference({
        prefix: services.registry.prefix,
        runtime,
        commit,
        platform,
        isolation,
      });
      const labels = { revision: commit, source, runtime, buildKey: key, managedBy: name };
      return { runtime, revision: commit, platform, buildKey: key, labels, remote, ...names };
    },

    async find(resolution: TemplateResolution, call): Promise<TemplateFound | Missing> {
      const { reference, alias, labels, platform } = resolution;
      const image = await builder.inspect(reference, call);
      if (image === undefined) return { hit: false, why: `there is no image ${reference}` };
      const wrong = differsFrom(image, labels, platform);
      if (wrong !== undefined) {
        call.log.warn("an image that is not the one asked for has its name, and does not count", {
          reference,
          imageId: image.id,
          why: wrong,
        });
        return { hit: false, why: `${reference} is another image: ${wrong}` };
      }
      return {
        hit: true,
        image: await ready(resolution, image.id, call),
        aliasLags: !image.tags.includes(alias),
      };
    },

    async provide(resolution: TemplateResolution, found: TemplateFound | undefined, call) {
      if (found !== undefined) {
        if (found.aliasLags) await moveAlias(resolution, found.image.imageId, call);
        return found.image;
      }
      const { id } = await build(resolution, call);
      await call.progress.step("tag", resolution.reference, () =>
        builder.tag(id, resolution.reference, call),
      );
      await moveAlias(resolution, id, call);
      return ready(resolution, id, call);
    },
  };
}

function notAsAsked({ reference }: Resolution, { wrong }: Wrong): ImageSourceError {
  return new ImageSourceError({
    code: "BUILD_FAILED",
    message: `the image built for ${reference} is not what was asked for: ${wrong}`,
    hint: "Check that the template's base image exists for this platform.",
  });
}
