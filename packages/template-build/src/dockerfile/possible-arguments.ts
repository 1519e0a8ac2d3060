import type { ArgumentOptions } from "./template-arguments.js";

/**
 * Returns the sorted names of the build arguments that a build may set. Which entries of `buildArgsFrom` the template uses
 * is known only once its files are.
 */
export function possibleArguments({ buildArgs, buildArgsFrom }: ArgumentOptions): readonly string[] {
  return [...new Set([...Object.keys(buildArgs), ...Object.keys(buildArgsFrom)])].sort();
}
