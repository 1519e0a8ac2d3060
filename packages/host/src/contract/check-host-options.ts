import { isAbsolute } from "node:path";
import { typeFaults } from "@molecule/core";
import type { HostOptions } from "./host.js";

/**
 * Throws a `TypeError` that names every option that is missing or cannot be used.
 * @param options not trusted to have the declared type: applications may be written in JavaScript
 */
export function checkHostOptions(options: Partial<HostOptions> | null | undefined): void {
  const given = options ?? {};
  const { cwd, env, plugins, config, settings, home }: Partial<Record<keyof HostOptions, unknown>> = given;
  const faults = [
    typeof cwd === "string" && isAbsolute(cwd) ? "" : "`cwd` must be an absolute path, such as process.cwd()",
    typeof env === "object" && env !== null
      ? ""
      : "`env` must be the environment variables, such as process.env",
    plugins === undefined || Array.isArray(plugins) ? "" : "`plugins` must be a list of plugins",
    typeof config === "string" && settings !== undefined
      ? "`config` names a file and `settings` replaces it: pass one of them"
      : "",
    config === undefined || config === false || typeof config === "string"
      ? ""
      : "`config` must be the path of a file, or false",
    home === undefined || (typeof home === "string" && isAbsolute(home))
      ? ""
      : "`home` must be an absolute path",
    ...typeFaults(given, {
      shipped: "object",
      container: "object",
      logger: "object",
      observer: "object",
      flags: "object",
      mask: "object",
      cwd: "any",
      env: "any",
      plugins: "any",
      config: "any",
      settings: "any",
      home: "any",
    }),
    ...missingMethods("logger", given.logger, ["debug", "info", "warn", "error"]),
    ...missingMethods("observer", given.observer, ["begin"]),
    ...missingMethods("mask", given.mask, ["add", "text", "begun"]),
  ].filter((fault) => fault !== "");
  if (faults.length > 0) throw new TypeError(`the options of the host cannot be used: ${faults.join("; ")}`);
}

function missingMethods(option: string, value: unknown, methods: readonly string[]): string[] {
  if (typeof value !== "object" || value === null) return [];
  const members = value as Readonly<Record<string, unknown>>;
  const missing = methods.filter((method) => typeof members[method] !== "function");
  return missing.length === 0
    ? []
    : [`\`${option}\` has no ${missing.map((name) => `${name}()`).join(", ")}`];
}
