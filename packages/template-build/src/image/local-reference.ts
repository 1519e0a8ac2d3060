import {
  configInvalid,
  defaultPlatform,
  platformParts,
  shortSha,
  templateImageName,
  type CommitSha,
  type Platform,
  type RuntimeName,
} from "@molecule/core";
import { labelNames } from "./image-labels.js";

export const isolationVariable = "MOLECULE_LOCAL_IMAGE_ISOLATION";

export interface LocalReference {
  /** Tag for one commit, `molecule-local/workspace-template-hermes:0123456789ab`, or for one content, `…:dev-0123456789ab`. */
  readonly reference: string;
  /** Tag for the newest build: `…:latest`, or `…:dev` for a working copy, with the same suffixes. */
  readonly alias: string;
}

/** The commit or the content that a local build is named after. */
export type NameOrigin =
  { readonly commit: CommitSha } | { readonly workingCopy: { readonly buildKey: string } };

/** The images of one runtime, and how their tags end. */
export interface NamedImages {
  readonly prefix: string;
  readonly runtime: RuntimeName;
  readonly platform: Platform;
  /** As {@link isolationSuffix} returns it. */
  readonly isolation: string;
}

/** The tags of a local build. */
export function localReference(request: NameOrigin & NamedImages): LocalReference {
  return "commit" in request
    ? { reference: named(request, shortSha(request.commit)), alias: latestAlias(request) }
    : {
        reference: named(request, workingCopyTag(request.workingCopy.buildKey)),
        alias: named(request, "dev"),
      };
}

/** The tag for the newest build of a commit. */
export function latestAlias(images: NamedImages): string {
  return named(images, "latest");
}

function named({ prefix, runtime, platform, isolation }: NamedImages, tag: string): string {
  const { architecture, variant } = platformParts(platform);
  const foreign = platform === defaultPlatform ? [] : [architecture, variant].filter((part) => part !== "");
  const suffix = foreign.map((part) => `-${part}`).join("") + isolation;
  return `${templateImageName(prefix, runtime)}:${tag}${suffix}`;
}

/** The start of the tag of a build from a working copy. */
export function workingCopyTag(buildKey: string): string {
  return `dev-${buildKey.slice(0, 12)}`;
}

/**
 * Returns the commit that an image was built from, according to its labels and names; null for a working copy, whose image
 * may inherit a revision label from its base image.
 */
export function revisionOf(
  labels: Readonly<Record<string, string>>,
  names: readonly string[],
): string | null {
  const tag = workingCopyTag(labels[labelNames.buildKey] ?? "");
  const isOfWorkingCopy = names.some((name) => `${name}-`.includes(`:${tag}-`));
  return isOfWorkingCopy ? null : (labels[labelNames.revision] ?? null);
}

/**
 * Returns `--<token>` or an empty string. Throws `CONFIG_INVALID` for an unusable token: ignoring it would put the
 * images of two isolated setups under one name.
 */
export function isolationSuffix(token: string | undefined): string {
  if (token === undefined || token === "") return "";
  if (/^[a-z0-9][a-z0-9_.-]{0,47}$/.test(token)) return `--${token}`;
  throw configInvalid(
    `${isolationVariable} is ${JSON.stringify(token)}, which cannot be part of a tag`,
    "Use 1 to 48 characters: a-z, 0-9, '_', '.' and '-', beginning with a letter or digit.",
  );
}
