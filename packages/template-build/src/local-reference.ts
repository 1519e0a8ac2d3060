import {
  configInvalid,
  defaultPlatform,
  platformParts,
  shortSha,
  type CommitSha,
  type Platform,
  type RuntimeName,
} from "@molecule/core";

export const isolationVariable = "MOLECULE_LOCAL_IMAGE_ISOLATION";

export interface LocalReference {
  /** Tag for one commit: `molecule-local/workspace-template-hermes:0123456789ab`. */
  readonly reference: string;
  /** Tag for the newest build: `…:latest`, with the same suffixes. */
  readonly alias: string;
}

/** The tags of a local build. */
export function localReference(request: {
  readonly prefix: string;
  readonly runtime: RuntimeName;
  readonly commit: CommitSha;
  readonly platform: Platform;
  /** As {@link isolationSuffix} returns it. */
  readonly isolation: string;
}): LocalReference {
  const { prefix, runtime, commit, platform } = request;
  const { architecture, variant } = platformParts(platform);
  const foreign = platform === defaultPlatform ? [] : [architecture, variant].filter((part) => part !== "");
  const suffix = foreign.map((part) => `-${part}`).join("") + request.isolation;
  const name = `${prefix}/workspace-template-${runtime}`;
  return { reference: `${name}:${shortSha(commit)}${suffix}`, alias: `${name}:latest${suffix}` };
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
