import type { CommitSha } from "../values/commit-sha.js";
import type { Platform } from "../values/platform.js";

/** The options of a call that choose another image than the configuration does. A plugin declares which it supports. */
export const callOptions = ["revision", "digest", "platform"] as const;

/** An option of a call, as a plugin declares it. */
export type CallOption = (typeof callOptions)[number];

/** The image that a caller asks for, where it differs from the configuration. Each value takes precedence over it. */
export interface ImageRequest {
  /** The commit to build. */
  readonly revision?: CommitSha | undefined;
  /** The digest to pull: `sha256:` and 64 hex digits. */
  readonly digest?: string | undefined;
  /** Null: the engine's own. */
  readonly platform?: Platform | null | undefined;
}

/**
 * Returns the platform for a call: the caller's, else the configured one; undefined for the engine's own.
 * @param configured the platform of the source's services
 */
export function platformFor(
  { requested }: { readonly requested?: ImageRequest | undefined },
  configured: Platform | undefined,
): Platform | undefined {
  return requested?.platform === undefined ? configured : (requested.platform ?? undefined);
}
