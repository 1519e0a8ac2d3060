// Characters that git refuses in a branch name, as far as they matter in a URL path; `\p{Cs}` is a lone surrogate.
// eslint-disable-next-line no-control-regex -- they are what is refused
const allowed = /^[^\u0000-\u0020\u007f~^:?*[\\\p{Cs}]{1,250}$/u;

/** Whether this can be the name of a branch, and has no special meaning in a URL path. */
export function isBranchName(name: string): boolean {
  return allowed.test(name) && !/\.\.|(?:^|\/)(?:\.|\/|$)/.test(name);
}
