import {
  isImageSourceError,
  type ImageSourceError,
  type RuntimeName,
  type SourceServices,
} from "@molecule/core";
import type { PullPolicy } from "./pull-policy.js";

/** The image that a call for a runtime would pull, and when. */
export interface WantedImage {
  readonly runtime: RuntimeName;
  readonly reference: string;
  readonly policy: PullPolicy;
}

/** The result of looking an image up; an error is one of the registry or of the engine. */
export interface LookedUpImage extends WantedImage {
  readonly digest?: string;
  /** Whether the engine reaches the registry without verified TLS. */
  readonly isInsecure?: boolean;
  readonly error?: ImageSourceError;
}

/**
 * Looks an image up in its registry. Returns undefined if the engine cannot do that, or does not run, which is a finding
 * of its own.
 */
export async function lookUpImage(
  wanted: WantedImage,
  engine: Pick<SourceServices["engine"], "askRegistry">,
  signal: AbortSignal,
): Promise<LookedUpImage | undefined> {
  try {
    const found = await engine.askRegistry(wanted.reference, { signal });
    return found && { ...wanted, ...found };
  } catch (error) {
    if (!isImageSourceError(error)) throw error;
    return error.code === "ENGINE_UNAVAILABLE" ? undefined : { ...wanted, error };
  }
}
