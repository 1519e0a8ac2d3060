import type { Env } from "@molecule/core";
import { dockerConfigDirectory, parseDockerFile, readDockerConfig } from "../connection/docker-config.js";
import { fieldsOf, textMapOf, textOf, type Fields } from "../connection/json-fields.js";

/** The registry credentials in the docker CLI's configuration. */
export interface DockerAuths {
  /** The entries of `DOCKER_AUTH_CONFIG` by key. They take precedence. */
  readonly variable: Fields;
  /** The path of `config.json`, whether or not it exists. */
  readonly path: string;
  readonly auths: Fields;
  readonly credHelpers: Readonly<Record<string, string>>;
  /** Empty if there is none. */
  readonly credsStore: string;
}

export const authVariable = "DOCKER_AUTH_CONFIG";

/** Returns a member as Go looks it up: an exact match first, then one that differs only in case. */
export function memberOf(fields: Fields, name: string): unknown {
  if (Object.hasOwn(fields, name)) return fields[name];
  const found = Object.keys(fields).find((key) => key.toLowerCase() === name.toLowerCase());
  return found === undefined ? undefined : fields[found];
}

/**
 * Reads the configuration on every call, so that a `docker login` takes effect immediately. Throws `CONFIG_INVALID`.
 */
export async function readDockerAuths(env: Env, home: string): Promise<DockerAuths> {
  const written = env[authVariable] ?? "";
  const variable = written === "" ? {} : parseDockerFile(written, authVariable);
  const { path, fields } = await readDockerConfig(dockerConfigDirectory(env, home));
  return {
    variable: fieldsOf(memberOf(variable, "auths")),
    path,
    auths: fieldsOf(memberOf(fields, "auths")),
    credHelpers: textMapOf(memberOf(fields, "credHelpers")),
    credsStore: textOf(memberOf(fields, "credsStore")),
  };
}
