import { configInvalid, type Env } from "@molecule/core";

/**
 * Returns the path in a variable; undefined if it is unset or empty. Throws `CONFIG_INVALID` for one that is blank, or
 * begins or ends with a line break: files and `echo` add those, and no path contains them on purpose.
 */
export function pathVariable(env: Env, name: string): string | undefined {
  const value = env[name];
  if (value === undefined || value === "") return undefined;
  const wrong = faultIn(value);
  if (wrong === undefined) return value;
  throw configInvalid(`${name} ${wrong}: ${JSON.stringify(value)}`, `Set ${name} to a path, or unset it.`);
}

function faultIn(value: string): string | undefined {
  if (value.trim() === "") return "is blank";
  if (/[\r\n]$/.test(value)) return "ends with a line break";
  return /^[\r\n]/.test(value) ? "begins with a line break" : undefined;
}
