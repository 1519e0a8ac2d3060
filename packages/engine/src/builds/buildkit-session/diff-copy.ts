import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { ContextEntry, EntryTime } from "@molecule/core";
import { protobufFields } from "./protobuf-fields.js";
import { protobufMessage } from "./protobuf-message.js";
import { GrpcFailure, grpcCodes } from "./grpc-failure.js";
import type { GrpcCall, GrpcStreamMethod } from "./serve-grpc.js";
import type { FetchedContext } from "./watch-context.js";

/*
 * How BuildKit fetches a build context: moby.filesync.v1.FileSync of github.com/moby/buildkit (session/filesync), with
 * the packets of github.com/tonistiigi/fsutil (types/wire.proto, types/stat.proto). This side lists the entries, one
 * per packet, numbered in order. The engine requests files by number, receives their content, and sends a final packet
 * when it has everything.
 */

export const diffCopyPath = "/moby.filesync.v1.FileSync/DiffCopy";

const packet = { stat: 0, request: 1, data: 2, end: 3, error: 4 } as const;
/** The mode bits of Go's os.FileMode. */
const modes = { directory: 2 ** 31, file: 0, link: 2 ** 27 } as const;
/**
 * The latest time that a tar archive can hold, which is earlier than the latest one here. A file must have the same
 * time whichever way it is sent.
 */
const lastSecond = 0o77777777777;
/** Packets are batched up to these limits. */
const entriesAtOnce = 64;
const bytesAtOnce = 64 * 1024;
/** BuildKit accepts messages of up to 4 MiB. */
const bytesInPacket = 1024 * 1024;

/** The part of a context that the engine requests. */
type Listing = Pick<FetchedContext, "entries" | "open" | "onReceived">;

/** Serves the files of a context, and its Dockerfile, to the engine in this session. */
export function diffCopy(context: FetchedContext): GrpcStreamMethod {
  return {
    handleStream: async (call) => serveListing(call, await listingFor(call, context), context.modifiedAt),
  };
}

/** Returns what to list for the requested directory name. Sending more than needed is harmless. */
async function listingFor({ headers }: GrpcCall, context: FetchedContext): Promise<Listing> {
  const name = headers["dir-name"];
  // List only the Dockerfile, no ignore file: the context is already filtered, possibly by a different ignore file than
  // BuildKit would find.
  if (name === "dockerfile") return dockerfileListing(context.dockerfile, await context.readDockerfile());
  if (name !== "context") throw new GrpcFailure(grpcCodes.notFound, "unknown directory");
  // BuildKit looks for an ignore file before it requests the context itself.
  return headers["followpaths"] === ".dockerignore" ? listingOf([], noBytes) : context;
}

function dockerfileListing(path: string, content: Uint8Array): Listing {
  const names = path.split("/");
  const parents = names.slice(1).map((_name, index) => names.slice(0, index + 1).join("/"));
  const common = { size: 0, target: "" };
  // BuildKit keeps the Dockerfile under the context's transfer key. This time changes with the content.
  const hash = createHash("sha256").update(content).digest();
  const modifiedAt = { seconds: hash.readUInt32BE(0), nanoseconds: hash.readUInt32BE(4) % 1_000_000_000 };
  return listingOf(
    [
      ...parents.map((parent) => ({ kind: "directory" as const, path: parent, mode: 0o755, ...common })),
      { ...common, kind: "file", path, mode: 0o644, size: content.length, modifiedAt },
    ],
    content,
  );
}

function listingOf(entries: readonly ContextEntry[], content: Uint8Array): Listing {
  return { entries: () => Readable.from(entries), open: () => Readable.from([content]) };
}

/** Lists, sends and receives concurrently: the engine requests the first file before it has received the last entry. */
async function serveListing(call: GrpcCall, listing: Listing, modifiedAt: Date): Promise<void> {
  /** Listed files that have not been requested yet, by number. */
  const listed = new Map<number, ContextEntry>();
  let requested: { readonly number: number; readonly file: ContextEntry }[] = [];
  let hasEnded = false;
  const isOver = (): boolean => hasEnded;
  let wake = (): void => undefined;

  async function sendListing(): Promise<void> {
    let number = 0;
    let batch: Buffer[] = [];
    for await (const entry of listing.entries()) {
      if (isOver()) return;
      if (entry.kind === "file") listed.set(number, entry);
      number += 1;
      batch.push(statPacket(entry, modifiedAt));
      if (batch.length < entriesAtOnce) continue;
      await call.send(batch);
      batch = [];
    }
    // A packet without an entry marks the end of the listing.
    await call.send([...batch, protobufMessage([[1, packet.stat]])]);
  }

  async function sendFiles(): Promise<void> {
    let batch: Buffer[] = [];
    let size = 0;
    const add = async (number: number, bytes: Uint8Array): Promise<void> => {
      batch.push(dataPacket(number, bytes));
      size += bytes.length;
      if (size >= bytesAtOnce) await flush();
    };
    const flush = async (): Promise<void> => {
      const full = batch;
      [batch, size] = [[], 0];
      if (full.length > 0) await call.send(full);
    };
    while (!isOver()) {
      const files = requested;
      requested = [];
      for (const { number, file } of files) {
        if (isOver()) return;
        for await (const bytes of listing.open(file))
          for (let at = 0; at < bytes.length; at += bytesInPacket)
            await add(number, bytes.subarray(at, at + bytesInPacket));
        // A packet without bytes marks the end of a file.
        await add(number, noBytes);
      }
      await flush();
      // Requests may have been added or withdrawn since.
      if (requested.length === 0 && !isOver()) await new Promise<void>((resolve) => (wake = resolve));
    }
  }

  async function receiveRequests(): Promise<void> {
    for await (const message of call.messages) {
      const { type, number } = packetOf(message);
      if (type === packet.end) return;
      const file = type === packet.request ? listed.get(number) : undefined;
      if (file === undefined) throw new GrpcFailure(grpcCodes.invalidArgument, "unexpected packet");
      listed.delete(number);
      requested.push({ number, file });
      wake();
    }
    throw new GrpcFailure(grpcCodes.invalidArgument, "the call ended before the final packet");
  }

  const sending = Promise.all([sendListing(), sendFiles()]).catch(async (error: unknown) => {
    await call.send([errorPacket]).catch(() => undefined);
    throw error;
  });
  const receiving = receiveRequests().finally(() => {
    hasEnded = true;
    wake();
  });
  await Promise.all([sending, receiving]);
  listing.onReceived?.();
  await call.send([protobufMessage([[1, packet.end]])]);
}

const errorPacket = protobufMessage([
  [1, packet.error],
  [4, "the build context cannot be read"],
]);
const noBytes = new Uint8Array(0);

function statPacket(entry: ContextEntry, modifiedAt: Date): Buffer {
  const { kind, path, mode, size, target } = entry;
  const stat = protobufMessage([
    [1, path],
    [2, modes[kind] + mode],
    // BuildKit compares a link's size with that of its own link.
    [5, kind === "link" ? Buffer.byteLength(target) : size],
    [6, nanosecondsOf(entry.modifiedAt ?? wholeSeconds(modifiedAt))],
    ...(kind === "link" ? [[7, target] as const] : []),
  ]);
  return protobufMessage([
    [1, packet.stat],
    [2, stat],
  ]);
}

function wholeSeconds(date: Date): EntryTime {
  return { seconds: Math.floor(date.getTime() / 1000), nanoseconds: 0 };
}

/** Returns the nanoseconds since 1970. */
function nanosecondsOf({ seconds, nanoseconds }: EntryTime): bigint {
  return BigInt(Math.min(Math.max(0, seconds), lastSecond)) * 1_000_000_000n + BigInt(nanoseconds);
}

function dataPacket(number: number, bytes: Uint8Array): Buffer {
  return protobufMessage([
    [1, packet.data],
    [3, number],
    [4, bytes],
  ]);
}

function packetOf(message: Uint8Array): { readonly type: number; readonly number: number } {
  let type: number = packet.stat;
  let number = 0;
  for (const field of protobufFields(message)) {
    if (field.number === 1) type = field.amount;
    else if (field.number === 3) number = field.amount;
  }
  return { type, number };
}
