// What git refuses in one, as far as the path of a URL cares; `\p{Cs}` is half a character.
// eslint-disable-next-line no-control-regex -- they are what is refused
const allowed = /^[^\u0000-\u0020\u007f~^:?*[\\\p{Cs}]{1,250}$/u;

/** Whether it can be the name of a branch, and means nothing else in the path of a URL. */
export function isBranchName(name: string): boolean {
  return allowed.test(name) && !/\.\.|(?:^|\/)(?:\.|\/|$)/.test(name);
}
