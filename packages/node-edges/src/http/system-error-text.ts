import { getSystemErrorMap } from "node:util";

/** Returns the system's text for an error code, and the code: `connection refused (ECONNREFUSED)`. */
export function systemErrorText(code: string): string {
  if (code === "ENOTFOUND") return `host not found (${code})`;
  const [, text] = [...getSystemErrorMap().values()].find(([name]) => name === code) ?? [];
  return text === undefined ? code : `${text} (${code})`;
}
