import { foreignPlatform, type ForeignBase, type PlatformParts } from "@molecule/core";

/** Finds in a build's lines the base image that buildah warns of. */
export interface BaseWatch {
  take(line: string): void;
  readonly base: ForeignBase | undefined;
}

/** Steps come on one stream and warnings on the other: a warning may be read before the step that it belongs to. */
export function watchBases(): BaseWatch {
  let image: string | undefined;
  let platform: PlatformParts | undefined;
  return {
    take: (line) => {
      const [, from] = /^(?:\[\d+\/\d+\] )?STEP \d+\/\d+: FROM (\S+)/.exec(line) ?? [];
      // The first that is known once it is warned of.
      if (from !== undefined && (platform === undefined || image === undefined)) image = from;
      platform ??= foreignPlatform(line);
    },
    get base() {
      return platform && { image: image ?? "of the template", platform };
    },
  };
}
