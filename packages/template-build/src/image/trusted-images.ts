import type { ImageInspection, RuntimeName } from "@molecule/core";
import type { ImageVerification } from "@molecule/signatures";
import type { BuildRecord, BuildRecords } from "./build-records.js";

/**
 * The images that a host uses if shared builds must be signed: those that it built, and those whose signature it verified
 * under the current policy.
 */
export interface TrustedImages {
  /** Returns whether an image is trusted. */
  includes(runtime: RuntimeName, imageId: string): Promise<boolean>;
  /** Returns the images that are trusted according to their records. */
  among(
    images: readonly ImageInspection[],
    known: ReadonlyMap<string, BuildRecord>,
  ): Promise<readonly ImageInspection[]>;
}

/** Without a verification, every image is trusted. Every method rejects as its `policyId` does. */
export function trustedImages(
  verification: Pick<ImageVerification, "policyId"> | undefined,
  records: Pick<BuildRecords, "get">,
): TrustedImages {
  if (verification === undefined) return { includes: async () => true, among: async (images) => images };
  const isTrusted = (record: BuildRecord | undefined, policy: string): boolean =>
    record?.isBuilt === true || record?.verifiedBy === policy;
  return {
    includes: async (runtime, imageId) =>
      isTrusted(await records.get(runtime, imageId), await verification.policyId()),
    async among(images, known) {
      const policy = await verification.policyId();
      return images.filter(({ id }) => isTrusted(known.get(id), policy));
    },
  };
}
