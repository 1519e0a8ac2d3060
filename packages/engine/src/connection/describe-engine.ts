import type { IncomingHttpHeaders } from "node:http";
import { platformOf, type EngineCall, type EngineDescription, type EngineIdentity } from "@molecule/core";
import type { EngineConnection } from "./engine-connection.js";
import { engineRefused, EngineRefusal } from "./engine-errors.js";
import { fieldsOf, textOf } from "./json-fields.js";

/** Identifies the engine; sends a request only if no earlier response revealed it. */
export async function identifyEngine(
  connection: EngineConnection,
  { signal }: EngineCall,
): Promise<EngineIdentity> {
  if (connection.kind === undefined) await ping(connection, { signal });
  return { kind: connection.kind ?? "docker", address: connection.address };
}

/**
 * Returns version, native platform and features. Not cached, because another engine may have taken over the address.
 */
export async function describeEngine(
  connection: EngineConnection,
  call: EngineCall,
): Promise<EngineDescription> {
  const [response, buildkit] = await Promise.all([
    withUsualErrors(connection, connection.ask({ method: "GET", path: "/version", signal: call.signal })),
    pingSaysBuildkit(connection, call),
  ]);
  const version = fieldsOf(response);
  const components = Array.isArray(version.Components) ? version.Components : [];
  const isPodman = textOf(fieldsOf(components[0]).Name) === "Podman Engine";
  return {
    kind: isPodman ? "podman" : "docker",
    address: connection.address,
    version: textOf(version.Version),
    apiVersion: textOf(version.ApiVersion),
    platform: platformOf({ os: textOf(version.Os), architecture: textOf(version.Arch), variant: "" }),
    // Podman lacks the session endpoint, which a BuildKit build needs.
    buildkit: buildkit && !isPodman,
    ...(connection.isExposed ? { isExposed: true } : {}),
  };
}

/** Returns undefined if the engine does not report it. */
export async function storageDirectory(
  connection: EngineConnection,
  { signal }: EngineCall,
): Promise<string | undefined> {
  const info = fieldsOf(
    await withUsualErrors(connection, connection.ask({ method: "GET", path: "/info", signal })),
  );
  const directory = textOf(info.DockerRootDir);
  return directory === "" ? undefined : directory;
}

/** Whether builds on this engine go through BuildKit. */
export async function offersBuildkit(connection: EngineConnection, call: EngineCall): Promise<boolean> {
  return (await pingSaysBuildkit(connection, call)) && connection.kind !== "podman";
}

async function pingSaysBuildkit(connection: EngineConnection, call: EngineCall): Promise<boolean> {
  const headers = await ping(connection, call);
  const builder = headers["builder-version"];
  // Docker before 23 sends no `Builder-Version` unless one is configured (docs/adr/0114).
  return builder === undefined ? hasUnannouncedBuildkit(headers) : builder === "2";
}

/** Returns whether these are headers of Docker 20.10 or later for Linux containers, which always has BuildKit. */
function hasUnannouncedBuildkit({ server, ostype, "api-version": api }: IncomingHttpHeaders): boolean {
  const [, minor] = /^1\.(\d+)$/.exec(String(api)) ?? [];
  return String(server).startsWith("Docker/") && ostype === "linux" && Number(minor) >= 41;
}

function ping(connection: EngineConnection, { signal }: EngineCall): Promise<IncomingHttpHeaders> {
  return withUsualErrors(connection, connection.head({ method: "GET", path: "/_ping", signal }));
}

async function withUsualErrors<T>({ address }: EngineConnection, response: Promise<T>): Promise<T> {
  try {
    return await response;
  } catch (error) {
    throw error instanceof EngineRefusal ? engineRefused(address, error) : error;
  }
}
