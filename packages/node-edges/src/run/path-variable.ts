import { configInvalid, type Env } from "@molecule/core";

/**
 * Returns the path that a variable holds; undefined when it is unset or empty. Throws `CONFIG_INVALID` for one that is
 * blank, or begins or ends with a line break: files and `echo` leave those behind, and no path is meant to have them.
 */
export function pathVariable(env: Env, name: string): string | undefined {
  const value = env[name];
  if (value === undefined || value === "") return undefined;
  const wrong = whatIsWrong(value);
  if (wrong === undefined) return value;
  throw configInvalid(`${name} ${wrong}: ${JSON.stringify(value)}`, `Set ${name} to a path, or unset it.`);
}

function whatIsWrong(value: string): string | undefined {
  if (value.trim() === "") return "is blank";
  if (/[\r\n]$/.test(value)) return "ends with a line break";
  return /^[\r\n]/.test(value) ? "begins with a line break" : undefined;
}
