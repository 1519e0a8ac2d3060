import { respond, startHttpServer } from "../../http/http-server.js";

/** A registry that only the in-memory engine can use. */
export interface MemoryRegistry {
  /** `127.0.0.1:PORT`, the first part of a reference. */
  readonly host: string;
  /** Makes `HOST/NAME` refer to the image in the archive. */
  put(nameWithTag: string, archive: Buffer): void;
  stop(): Promise<void>;
}

/** Starts a registry for tests that must be fast and need no engine: see {@link createMemoryEngine}. */
export async function startMemoryRegistry(): Promise<MemoryRegistry> {
  const archives = new Map<string, Buffer>();
  const server = await startHttpServer((request, response) => {
    const archive = archives.get(decodeURIComponent(request.url ?? "").slice(1));
    if (archive === undefined) respond(response, 404, {}, "image not found\n");
    else respond(response, 200, { "content-type": "application/x-tar" }, archive);
  });
  return {
    host: `127.0.0.1:${String(server.port)}`,
    put: (nameWithTag, archive) => {
      archives.set(nameWithTag, archive);
    },
    stop: () => server.stop(),
  };
}
