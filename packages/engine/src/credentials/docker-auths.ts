import type { Env } from "@molecule/core";
import { dockerConfigDirectory, parseDockerFile, readDockerConfig } from "../docker-config.js";
import { fieldsOf, textMapOf, textOf, type Fields } from "../json-fields.js";

/** What the docker CLI is configured to tell registries. */
export interface DockerAuths {
  /** Of `DOCKER_AUTH_CONFIG`, which comes first: its entries by their keys. */
  readonly variable: Fields;
  /** The path of `config.json`, there or not. */
  readonly path: string;
  readonly auths: Fields;
  readonly credHelpers: Readonly<Record<string, string>>;
  /** Empty: none. */
  readonly credsStore: string;
}

export const authVariable = "DOCKER_AUTH_CONFIG";

/** Reads it anew, so that a `docker login` counts at once. Throws `CONFIG_INVALID`. */
export async function readDockerAuths(env: Env, home: string): Promise<DockerAuths> {
  const written = env[authVariable] ?? "";
  const variable = written === "" ? {} : parseDockerFile(written, authVariable);
  const { path, fields } = await readDockerConfig(dockerConfigDirectory(env, home));
  return {
    variable: fieldsOf(variable.auths),
    path,
    auths: fieldsOf(fields.auths),
    credHelpers: textMapOf(fields.credHelpers),
    credsStore: textOf(fields.credsStore),
  };
}
