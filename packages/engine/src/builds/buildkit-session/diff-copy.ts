import type { ContextFiles, ContextListing, ContextListingEntry } from "@molecule/core";
import { protobufFields } from "./protobuf-fields.js";
import { protobufMessage } from "./protobuf-message.js";
import { GrpcFailure, grpcCodes } from "./grpc-failure.js";
import type { GrpcCall, GrpcTalk } from "./serve-grpc.js";

/*
 * How BuildKit fetches a build context: moby.filesync.v1.FileSync of github.com/moby/buildkit (session/filesync), with the
 * packets of github.com/tonistiigi/fsutil (types/wire.proto, types/stat.proto). This side says what there is, an entry a
 * packet, numbered by their order; the other asks for files by these numbers, is sent their content, and says when it has
 * all.
 */

export const diffCopyPath = "/moby.filesync.v1.FileSync/DiffCopy";

const packet = { stat: 0, request: 1, data: 2, end: 3, error: 4 } as const;
/** As Go has them in its os.FileMode. */
const modes = { directory: 2 ** 31, file: 0, link: 2 ** 27 } as const;
/** Of the times that an archive can hold, which is less than fits here: a file has one time, however it is sent. */
const lastSecond = 0o77777777777;
/** What goes out in one piece, at least where there is as much. */
const entriesAtOnce = 64;
const bytesAtOnce = 64 * 1024;

/** Gives out the files of a context, and `dockerfile` of it, to whom asks in this session. */
export function diffCopy(files: ContextFiles, dockerfile: string): GrpcTalk {
  return {
    async talk(call) {
      const listing = files.list(pathsFor(call, dockerfile));
      let isFetched = false;
      try {
        await copy(call, listing, files.modifiedAt);
        isFetched = true;
      } finally {
        listing.close(isFetched);
      }
    },
  };
}

/** What is asked for by the name of a directory; undefined: all. More than is needed does no harm. */
function pathsFor({ headers }: GrpcCall, dockerfile: string): readonly string[] | undefined {
  const name = headers["dir-name"];
  // Without an ignore file: the context has been filtered already, maybe by another one than BuildKit would find.
  if (name === "dockerfile") return [dockerfile];
  if (name !== "context") throw new GrpcFailure(grpcCodes.notFound, "there is no such directory");
  // Before the context itself, BuildKit looks for an ignore file in it.
  return headers["followpaths"] === ".dockerignore" ? [] : undefined;
}

/** Tells, gives and hears side by side: the other side asks for the first file before it has heard of the last. */
async function copy(call: GrpcCall, listing: ContextListing, modifiedAt: Date): Promise<void> {
  /** The paths of files that were announced and not yet requested, by number. */
  const told = new Map<number, string>();
  let asked: { readonly number: number; readonly path: string }[] = [];
  let hasEnded = false;
  const isOver = (): boolean => hasEnded;
  let wake = (): void => undefined;

  async function tell(): Promise<void> {
    let number = 0;
    let batch: Buffer[] = [];
    for await (const entry of listing.entries()) {
      if (isOver()) return;
      if (entry.kind === "file") told.set(number, entry.path);
      number += 1;
      batch.push(statPacket(entry, modifiedAt));
      if (batch.length < entriesAtOnce) continue;
      await call.send(batch);
      batch = [];
    }
    // A packet without an entry marks the end.
    await call.send([...batch, protobufMessage([[1, packet.stat]])]);
  }

  async function give(): Promise<void> {
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
      const files = asked;
      asked = [];
      for (const { number, path } of files) {
        if (isOver()) return;
        for await (const bytes of listing.content(path)) await add(number, bytes);
        // A packet without bytes marks the end.
        await add(number, nothing);
      }
      await flush();
      // Requests may have been added or withdrawn since.
      if (asked.length === 0 && !isOver()) await new Promise<void>((resolve) => (wake = resolve));
    }
  }

  async function hear(): Promise<void> {
    for await (const message of call.messages) {
      const { type, number } = packetOf(message);
      if (type === packet.end) return;
      const path = type === packet.request ? told.get(number) : undefined;
      if (path === undefined) throw new GrpcFailure(grpcCodes.invalidArgument, "this was not expected");
      told.delete(number);
      asked.push({ number, path });
      wake();
    }
    throw new GrpcFailure(grpcCodes.invalidArgument, "there is no end");
  }

  const giving = Promise.all([tell(), give()]).catch(async (error: unknown) => {
    await call.send([errorPacket]).catch(() => undefined);
    throw error;
  });
  const hearing = hear().finally(() => {
    hasEnded = true;
    wake();
  });
  await Promise.all([giving, hearing]);
  await call.send([protobufMessage([[1, packet.end]])]);
}

const errorPacket = protobufMessage([
  [1, packet.error],
  [4, "the build context cannot be read"],
]);
const nothing = new Uint8Array(0);

function statPacket({ kind, path, mode, size, target }: ContextListingEntry, modifiedAt: Date): Buffer {
  // Nanoseconds. Whole seconds, as commits have them, are exact as a number.
  const time = Math.min(Math.max(0, Math.floor(modifiedAt.getTime() / 1000)), lastSecond) * 1e9;
  const stat = protobufMessage([
    [1, path],
    [2, modes[kind] + mode],
    [5, size],
    [6, time],
    ...(kind === "link" ? [[7, target] as const] : []),
  ]);
  return protobufMessage([
    [1, packet.stat],
    [2, stat],
  ]);
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
