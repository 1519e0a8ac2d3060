import { createHash, randomUUID } from "node:crypto";
import type { Fetch, FetchAnswer, SourcePlugin } from "@molecule/core";
import { floodBytes } from "../world/door.js";
import type { SuiteUpstream } from "../world/suite-options.js";
import { untilAborted } from "../world/until-aborted.js";
import type { UpstreamFault, UpstreamFaults } from "../world/upstream-faults.js";
import type { ReferenceOptions } from "./reference-plugin.js";

/** An upstream in this process, which no door can be put in front of. */
interface Shelf {
  readonly files: Map<string, string>;
  fault: UpstreamFault | undefined;
}

const shelves = new Map<string, Shelf>();

/** The same source, which reads from a shelf instead of an HTTP server. */
export function withoutHttp(plugin: SourcePlugin<ReferenceOptions>): SourcePlugin<ReferenceOptions> {
  return {
    ...plugin,
    create: (options, services) => plugin.create(options, { ...services, fetch: readShelf }),
  };
}

/** Upstream of a source `withoutHttp`, which offers those faults. */
export async function inProcessUpstream(faults: readonly UpstreamFault[]): Promise<SuiteUpstream> {
  const address = randomUUID();
  const shelf: Shelf = { files: new Map(), fault: undefined };
  shelves.set(address, shelf);
  const start = (fault: UpstreamFault) => async () => {
    shelf.fault = fault;
    return async () => {
      shelf.fault = undefined;
    };
  };
  return {
    options: { address },
    async publish(runtime, version) {
      const commit = createHash("sha1").update(`${runtime} ${version}`).digest("hex");
      shelf.files.set(`heads/${runtime}`, commit).set(`contents/${commit}`, version);
    },
    faults: Object.fromEntries(faults.map((fault) => [fault, start(fault)])) satisfies UpstreamFaults,
    async stop() {
      shelves.delete(address);
    },
  };
}

const readShelf: Fetch = async (url, { signal }) => {
  const [address = "", ...path] = url.split("/");
  const shelf = shelves.get(address);
  const content = shelf?.files.get(path.join("/"));
  switch (shelf?.fault) {
    case "fail":
      throw new Error("the shelf is gone");
    case "hang":
      await untilAborted(signal);
      throw signal?.reason;
    case "refuse":
      return response(401);
    case "lie":
      return response(200, [Buffer.from([0xff, 0x00, 0xfe, 0x0a])]);
    case "flood":
      return response(200, flood());
    case "lose":
      return response(404);
    case undefined:
      return content === undefined ? response(404) : response(200, [Buffer.from(content)]);
  }
};

function response(status: number, chunks: Iterable<Uint8Array> = []): FetchAnswer {
  async function* body(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  return { status, headers: new Headers(), body: body() };
}

function* flood(): Generator<Uint8Array> {
  const size = 256 * 1024;
  for (let left = floodBytes; left > 0; left -= size) yield Buffer.alloc(size, " ");
}
