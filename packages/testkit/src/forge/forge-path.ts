/** A path of the forge, taken apart. `branch` is undefined when the repository itself is asked for; `isRef` of its ref. */
export type ForgePath =
  | { readonly kind: "other" }
  /** Not of a repository: which version it is, or who asks. */
  | { readonly kind: "about"; readonly what: "version" | "user" }
  | (RepositoryPath & { readonly kind: "api"; readonly branch: string | undefined; readonly isRef: boolean })
  | (RepositoryPath & { readonly kind: "git"; readonly service: string; readonly query: string });

interface RepositoryPath {
  readonly organisation: string;
  readonly name: string;
  /** The same path and query for a repository of another name, or of another owner. */
  renamed(newName: string, newOwner?: string): string;
}

const api = /^\/api\/v1\/repos\/([^/]+)\/([^/]+)(?:\/(branches|git\/refs\/heads)\/(.+))?$/;
const git = /^\/([^/]+)\/([^/]+?)(\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;

/** `url` is that of a request: a path and a query. */
export function parseForgePath(basePath: string, url: string): ForgePath {
  const [path = "", query = ""] = url.split("?", 2);
  if (!path.startsWith(`${basePath}/`)) return { kind: "other" };
  const below = path.slice(basePath.length);
  const search = query === "" ? "" : `?${query}`;

  if (below === "/api/v1/version") return { kind: "about", what: "version" };
  if (below === "/api/v1/user") return { kind: "about", what: "user" };
  const [, owner, repo, part = "", branch] = api.exec(below) ?? [];
  if (owner !== undefined && repo !== undefined) {
    const rest = branch === undefined ? "" : `/${part}/${branch}`;
    return {
      kind: "api",
      organisation: decode(owner),
      name: decode(repo),
      branch: branch === undefined ? undefined : decode(branch),
      isRef: part.startsWith("git/"),
      renamed: (newName, newOwner = owner) =>
        `${basePath}/api/v1/repos/${newOwner}/${newName}${rest}${search}`,
    };
  }
  const [, organisation, name, suffix = "", service] = git.exec(below) ?? [];
  if (organisation === undefined || name === undefined || service === undefined) return { kind: "other" };
  return {
    kind: "git",
    organisation: decode(organisation),
    name: decode(name),
    service,
    query,
    renamed: (newName, newOwner = organisation) =>
      `${basePath}/${newOwner}/${newName}${suffix}/${service}${search}`,
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Not encoded, so it means itself.
    return part;
  }
}
