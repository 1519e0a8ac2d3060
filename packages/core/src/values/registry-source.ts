import { configInvalid } from "../errors/error-table.js";
import { parseImageReference } from "./image-reference.js";

/** Environment variables, passed explicitly: nothing here reads `process.env`. */
export type Env = Readonly<Record<string, string | undefined>>;

/** The mode, which selects the source: `registry` if a registry is configured, else `local`. */
export type Mode = "registry" | "local";

/** The mode, and the prefix of image names. */
export interface RegistrySource {
  readonly mode: Mode;
  /** The part of a reference before `/workspace-template-<runtime>`. */
  readonly prefix: string;
}

/** The variable whose presence chooses the mode. */
export const registryVariable = "MOLECULE_IMAGE_REGISTRY";

/** Reads the mode from the presence of `MOLECULE_IMAGE_REGISTRY`. Never throws; the only reader of the variable. */
export function resolveRegistrySource(env: Env): RegistrySource {
  const prefix = env[registryVariable];
  if (prefix === undefined || prefix === "") return { mode: "local", prefix: "molecule-local" };
  return { mode: "registry", prefix };
}

function whatIsWrong(prefix: string): string | undefined {
  if (prefix.trim() === "") return "it is blank";
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(prefix)) return "it has a scheme";
  if (prefix.includes("@")) return "it has a user or a digest";
  if (prefix.endsWith("/")) return "it ends with a slash";
  try {
    parseImageReference(`${prefix}/workspace-template-x:latest`);
    return undefined;
  } catch {
    const path = /\/(.*)$/s.exec(prefix)?.[1] ?? "";
    if (path.includes(":")) return "it has a tag";
    return path === path.toLowerCase() ? "it is not a valid image name" : "its path has capital letters";
  }
}

/** Returns the prefix with a possible user and password masked; a digest is kept. */
export function withoutUser(prefix: string): string {
  return prefix.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@(?!sha\d+:)/is, "$1***@");
}

/** Throws `CONFIG_INVALID` unless images can be named under the prefix. Contacts nothing. */
export function assertRegistryPrefix(prefix: string): void {
  const wrong = whatIsWrong(prefix);
  if (wrong === undefined) return;
  throw configInvalid(
    `${registryVariable} is ${JSON.stringify(withoutUser(prefix))}, which is not a registry prefix: ${wrong}`,
    `Write HOST[:PORT][/PATH], for example registry.example.com/acme, or unset ${registryVariable} for local builds.`,
  );
}
