import { createHash } from "node:crypto";
import { join } from "node:path";
import { configInvalid } from "@molecule/core";
import { dockerFileInvalid, parseDockerFile, readDockerConfig } from "./docker-config.js";
import type { EngineEndpoint } from "./engine-endpoint.js";
import { fieldsOf, textOf } from "./json-fields.js";
import { parseEngineAddress } from "./parse-engine-address.js";
import { readIfPresent } from "./read-if-present.js";
import { contextTls } from "./tls-material.js";

/** The name of the context that needs no metadata. */
export const defaultContext = "default";

/**
 * Returns `currentContext` of the docker CLI's `config.json`; undefined if it is not set. Rejects with
 * `CONFIG_INVALID`.
 */
export async function currentContext(dockerConfig: string): Promise<string | undefined> {
  const { fields } = await readDockerConfig(dockerConfig);
  const name = textOf(fields.currentContext);
  return name === "" ? undefined : name;
}

/**
 * Returns the engine of a context other than the default one. Rejects with `CONFIG_INVALID`.
 * @param origin the variable or file that names the context
 */
export async function contextEndpoint(
  name: string,
  origin: string,
  dockerConfig: string,
): Promise<EngineEndpoint> {
  const id = createHash("sha256").update(name).digest("hex");
  const path = join(dockerConfig, "contexts", "meta", id, "meta.json");
  const written = await readIfPresent(path);
  if (written === undefined) {
    throw configInvalid(
      `${origin} names the docker context ${JSON.stringify(name)}, which does not exist in ${dockerConfig}`,
      "List the contexts with `docker context ls`, or switch back with `docker context use default`.",
    );
  }
  const docker = fieldsOf(fieldsOf(parseDockerFile(written, path).Endpoints).docker);
  const host = textOf(docker.Host);
  if (host === "") throw dockerFileInvalid(path, "Endpoints.docker.Host is missing");
  return parseEngineAddress(host, `the docker context ${JSON.stringify(name)}`, () =>
    contextTls(join(dockerConfig, "contexts", "tls", id, "docker"), docker.SkipTLSVerify === true),
  );
}
