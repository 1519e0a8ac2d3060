import { Readable } from "node:stream";
import type { ContainerFile, ContainerFiles, EngineCall } from "@molecule/core";
import { tarBlockBytes, tarEnd, tarHeader } from "@molecule/node-edges";
import { containerFailure, containerPath, shownContainer } from "./container-failure.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { someWorkMs } from "../connection/engine-request.js";
import { fieldsOf, textOf } from "../connection/json-fields.js";

const sliceBytes = 64 * 1024;

/**
 * Writes files into a container, with a separate archive for each mount. An archive for the root would not reach mounts
 * with Podman, and Docker refuses it if the root is read-only. Rejects with a `TypeError` for content that is neither a
 * string nor bytes.
 */
export async function copyIntoContainer(
  connection: EngineConnection,
  id: string,
  files: ContainerFiles,
  { signal }: EngineCall,
): Promise<void> {
  assertContent(files);
  const path = containerPath(id);
  try {
    const container = await connection.ask({ method: "GET", path: `${path}/json`, signal });
    for (const [mount, held] of byMount(files, mountsOf(container))) {
      await connection.ask({
        method: "PUT",
        path: `${path}/archive`,
        query: { path: mount },
        headers: { "content-type": "application/x-tar" },
        stream: Readable.from(archiveOf(held, mount, new Date())),
        workMs: someWorkMs,
        signal,
      });
    }
  } catch (error) {
    const hint = "Check that the container exists and that the paths are not below a read-only directory.";
    throw containerFailure(error, `copy files into ${shownContainer(id)}`, connection.address, hint);
  }
}

/** For callers without types. */
function assertContent(files: ContainerFiles): void {
  for (const [path, file] of Object.entries(files) as [string, unknown][]) {
    const content =
      isContent(file) || typeof file !== "object" || file === null ? file : fieldsOf(file).content;
    if (!isContent(content)) throw new TypeError(`the content of ${path} must be a string or a Uint8Array`);
  }
}

function isContent(value: unknown): value is string | Uint8Array {
  return typeof value === "string" || value instanceof Uint8Array;
}

function mountsOf(container: unknown): readonly string[] {
  const { Mounts } = fieldsOf(container);
  const mounts: readonly unknown[] = Array.isArray(Mounts) ? Mounts : [];
  return mounts.map((mount) => textOf(fieldsOf(mount).Destination)).filter((path) => path !== "");
}

type Entries = readonly (readonly [path: string, file: ContainerFile])[];

function byMount(files: ContainerFiles, mounts: readonly string[]): ReadonlyMap<string, Entries> {
  const innermostFirst = [...mounts].sort((one, other) => other.length - one.length);
  const held = new Map<string, Entries>();
  for (const [path, file] of Object.entries(files)) {
    const mount = innermostFirst.find((directory) => path.startsWith(`${directory}/`)) ?? "/";
    const plain = isContent(file) ? { content: file } : file;
    held.set(mount, [...(held.get(mount) ?? []), [path, plain]]);
  }
  return held;
}

function* archiveOf(files: Entries, mount: string, modifiedAt: Date): Generator<Buffer> {
  const skipped = mount === "/" ? 1 : mount.length + 1;
  for (const [path, { content, mode = 0o644, uid, gid }] of files) {
    const bytes = Buffer.from(content);
    const name = path.slice(skipped);
    yield tarHeader({ type: "file", name, mode, size: bytes.length, modifiedAt, target: "", uid, gid });
    // In slices, so that a slow upload shows progress.
    for (let from = 0; from < bytes.length; from += sliceBytes) yield bytes.subarray(from, from + sliceBytes);
    yield Buffer.alloc(-bytes.length & (tarBlockBytes - 1));
  }
  yield tarEnd;
}
