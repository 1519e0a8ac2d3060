import { templateImageName, type ImageInspection } from "@molecule/core";
import { labelNames } from "../image/image-labels.js";
import { workingCopyTag } from "../image/local-reference.js";

/** The prefix and suffix that make a tag ours. */
export interface NameSpace {
  readonly prefix: string;
  /** As `isolationSuffix` returns it. Names with another suffix belong to others. */
  readonly isolation: string;
}

export interface SortedNames {
  /** Aliases first: the tag of the commit or the content is removed last. */
  readonly own: readonly string[];
  readonly other: readonly string[];
}

const tagGrammar = /^([0-9a-f]{12}|dev-[0-9a-f]{12}|latest|dev)(?:-[a-z0-9]+(?:-[a-z0-9]+)?)?$/;

/** Returns the tags that a build on this host gave to an image: those that match its labels. */
export function sortNames({ tags, digests, labels }: ImageInspection, space: NameSpace): SortedNames {
  const repository = templateImageName(space.prefix, labels[labelNames.runtime] ?? "");
  const wanted = [
    labels[labelNames.revision]?.slice(0, 12),
    workingCopyTag(labels[labelNames.buildKey] ?? ""),
  ];
  const kindOf = (name: string): "alias" | "exact" | "other" => {
    if (!name.startsWith(`${repository}:`) || !name.endsWith(space.isolation)) return "other";
    const tag = name.slice(repository.length + 1, name.length - space.isolation.length);
    const [, start] = tagGrammar.exec(tag) ?? [];
    if (start === "latest" || start === "dev") return "alias";
    return start !== undefined && wanted.includes(start) ? "exact" : "other";
  };
  const of = (kind: ReturnType<typeof kindOf>): string[] => tags.filter((name) => kindOf(name) === kind);
  // An engine may list a digest next to a tag; a digest of another repository comes from somebody's pull.
  const pulled = digests.filter(
    (digest) => ![repository, ...tags.map(repositoryOf)].includes(repositoryOf(digest)),
  );
  return { own: [...of("alias"), ...of("exact")], other: [...of("other"), ...pulled] };
}

function repositoryOf(name: string): string {
  return name.replace(/@.*$/, "").replace(/:[^:/]*$/, "");
}
