import { isAbsolute } from "node:path";
import type { Env } from "@molecule/core";

/** The only variable for which the empty string is a value: the engine's own platform. */
const emptyCounts = "MOLECULE_IMAGE_PLATFORM";
/**
 * The user's directories. As in the XDG specification, relative paths are ignored: they depend on the working
 * directory.
 */
const isPersonalDirectory = /^(?:HOME|XDG_[A-Z]+_(?:HOME|DIR))$/;

/** Returns the environment without empty variables and without relative user directories. */
export function usableEnv(env: Env): Env {
  const usable = Object.entries(env).filter(
    ([name, value = ""]) =>
      (value !== "" || (name === emptyCounts && env[name] !== undefined)) &&
      (isAbsolute(value) || !isPersonalDirectory.test(name)),
  );
  return Object.fromEntries(usable);
}
