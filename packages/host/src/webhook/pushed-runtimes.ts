import type { Upstream } from "@molecule/core";
import type { Push } from "./parse-push.js";

/** The branch that a runtime without a configured branch is built from, before the repository's default. */
const usualBranch = "main";

/**
 * Returns the runtimes whose images are built from the branch of a push. Repositories are compared by path, not by host:
 * a forge may announce a push under its public address and be reached at another one.
 */
export function pushedRuntimes(push: Push, upstreams: ReadonlyMap<string, Upstream>): readonly string[] {
  return [...upstreams]
    .filter(([, upstream]) => isRepository(upstream.repository, push.repository) && isBranch(upstream, push))
    .map(([runtime]) => runtime);
}

function isRepository(url: string, name: string): boolean {
  const path = new URL(url).pathname.replace(/(?:\.git)?\/?$/, "").toLowerCase();
  return path === `/${name.toLowerCase()}` || path.endsWith(`/${name.toLowerCase()}`);
}

function isBranch({ branch }: Upstream, push: Push): boolean {
  return branch === undefined
    ? [usualBranch, push.defaultBranch].includes(push.branch)
    : branch === push.branch;
}
