import { configInvalid } from "../errors/error-table.js";
import type { ImageSourceError } from "../errors/errors.js";
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

/** Returns the name of a runtime's image under a prefix, without a tag. */
export function templateImageName(prefix: string, runtime: string): string {
  return `${prefix}/workspace-template-${runtime}`;
}

/** A prefix under which images can be named. */
export interface RegistryPrefix {
  /** Host and port: `docker.io`, `127.0.0.1:5000`. */
  readonly registry: string;
  /** The start of the image names under it, as engines print them; the runtime follows. */
  readonly startOfNames: string;
}

const oneRuntime = "x";

/** Returns the prefix, or throws `CONFIG_INVALID` unless images can be named under it. Contacts nothing. */
export function parseRegistryPrefix(prefix: string): RegistryPrefix {
  if (prefix.trim() === "") throw notAPrefix(prefix, "it is blank");
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(prefix)) throw notAPrefix(prefix, "it has a scheme");
  if (prefix.includes("@")) throw notAPrefix(prefix, "it has a user or a digest");
  if (prefix.endsWith("/")) throw notAPrefix(prefix, "it ends with a slash");
  try {
    const { registry, familiar } = parseImageReference(templateImageName(prefix, oneRuntime));
    return { registry, startOfNames: familiar.slice(0, -oneRuntime.length) };
  } catch {
    const path = /\/(.*)$/s.exec(prefix)?.[1] ?? "";
    if (path.includes(":")) throw notAPrefix(prefix, "it has a tag");
    const isCase = path !== path.toLowerCase();
    throw notAPrefix(prefix, isCase ? "its path has capital letters" : "it is not a valid image name");
  }
}

/** Returns the prefix with a possible user and password masked; a digest is kept. */
export function withoutUser(prefix: string): string {
  return prefix.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@(?!sha\d+:)/is, "$1***@");
}

function notAPrefix(prefix: string, why: string): ImageSourceError {
  return configInvalid(
    `${registryVariable} is ${JSON.stringify(withoutUser(prefix))}, which is not a registry prefix: ${why}`,
    `Write HOST[:PORT][/PATH], for example registry.example.com/acme, or unset ${registryVariable} for local builds.`,
  );
}
