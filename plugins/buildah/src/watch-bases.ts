import { foreignPlatform, type ForeignBase, type PlatformParts } from "@molecule/core";

/** Finds the base image that buildah's output warns about. */
export interface BaseWatch {
  take(line: string): void;
  readonly base: ForeignBase | undefined;
}

/** Steps and warnings are on different streams, so a warning may arrive before the step that it belongs to. */
export function watchBases(): BaseWatch {
  let image: string | undefined;
  let platform: PlatformParts | undefined;
  return {
    take: (line) => {
      const [, from] = /^(?:\[\d+\/\d+\] )?STEP \d+\/\d+: FROM (\S+)/.exec(line) ?? [];
      // The last base before the warning, or else the first one after it.
      if (from !== undefined && (platform === undefined || image === undefined)) image = from;
      platform ??= foreignPlatform(line);
    },
    get base() {
      return platform && { image: image ?? "of the template", platform };
    },
  };
}
