import { isAbsolute } from "node:path";
import type { Env } from "@molecule/core";

/** The one variable whose empty string means something: the engine's own platform. */
const emptyCounts = "MOLECULE_IMAGE_PLATFORM";
/** Where a person's files are. The XDG specification ignores relative paths, which would follow the working directory. */
const isPersonalDirectory = /^(?:HOME|XDG_[A-Z]+_(?:HOME|DIR))$/;

/** The environment as it counts: a variable that is empty, or a relative personal directory, is unset. */
export function usableEnv(env: Env): Env {
  const counted = Object.entries(env).filter(
    ([name, value = ""]) =>
      (value !== "" || (name === emptyCounts && env[name] !== undefined)) &&
      (isAbsolute(value) || !isPersonalDirectory.test(name)),
  );
  return Object.fromEntries(counted);
}
