/** A parsed forge path. `branch` is undefined when the repository itself is requested; `isRef` when its ref is. */
export type ForgePath =
  | { readonly kind: "other" }
  /** Not about a repository: the version endpoint, or the current user. */
  | { readonly kind: "about"; readonly what: "version" | "user" }
  | (RepositoryPath & { readonly kind: "api"; readonly branch: string | undefined; readonly isRef: boolean })
  | (RepositoryPath & { readonly kind: "git"; readonly service: string; readonly query: string });

interface RepositoryPath {
  readonly organisation: string;
  readonly name: string;
  /** Returns the same path and query for a repository with another name or owner. */
  renamed(newName: string, newOwner?: string): string;
}

const api = /^\/api\/v1\/repos\/([^/]+)\/([^/]+)(?:\/(branches|git\/refs\/heads)\/(.+))?$/;
const git = /^\/([^/]+)\/([^/]+?)(\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;

/** `url` is a request's URL: path and query. */
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
    // It is not encoded, so it stands for itself.
    return part;
  }
}
