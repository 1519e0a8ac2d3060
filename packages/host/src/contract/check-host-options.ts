import { isAbsolute } from "node:path";
import type { HostOptions } from "./host.js";

/**
 * Throws a `TypeError` that names every option that is missing or cannot be used.
 * @param options not trusted to have the declared type: applications may be written in JavaScript
 */
export function checkHostOptions(options: Partial<HostOptions> | null | undefined): void {
  const { cwd, env, plugins, config, settings }: Partial<Record<keyof HostOptions, unknown>> = options ?? {};
  const faults = [
    typeof cwd === "string" && isAbsolute(cwd) ? "" : "`cwd` must be an absolute path, such as process.cwd()",
    typeof env === "object" && env !== null
      ? ""
      : "`env` must be the environment variables, such as process.env",
    plugins === undefined || Array.isArray(plugins) ? "" : "`plugins` must be a list of plugins",
    typeof config === "string" && settings !== undefined
      ? "`config` names a file and `settings` replaces it: pass one of them"
      : "",
  ].filter((fault) => fault !== "");
  if (faults.length > 0) throw new TypeError(`the options of the host cannot be used: ${faults.join("; ")}`);
}
