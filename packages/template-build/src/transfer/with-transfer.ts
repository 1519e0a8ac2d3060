import { randomInt } from "node:crypto";
import { isImageSourceError, type BuildContext, type EntryTime, type Log, type Store } from "@molecule/core";
import { identityOf, transferRecord, type Sent, type Transfer } from "./transfer-record.js";

/** The services that it needs, and the place of the record in the store. */
export interface TransferParts {
  readonly store: Pick<Store, "records">;
  readonly log: Log;
  /** The directory of the template's record. Undefined for a working copy, whose files have no identity. */
  readonly directory: string | undefined;
  /** Sends all files again. */
  readonly fresh: boolean;
}

/**
 * Runs `use` with a context that BuildKit keeps until the next build of the template, so that it then requests only the
 * files that changed (docs/adr/0097). An unchanged file keeps the time that it was sent with. All others get a time that
 * no file under this key has had. Rejects as `use` does.
 */
export async function withTransfer<T>(
  { store, log, directory, fresh }: TransferParts,
  context: BuildContext,
  use: (context: BuildContext) => Promise<T>,
): Promise<T> {
  if (directory === undefined) return use(context);
  const record = transferRecord(directory, { store, log });
  const start = async (): Promise<Started> => {
    // Taken, not read: without a record, the build after one that was killed uses a new key.
    const before = await record.take();
    const { key, sent: known } = fresh ? record.unused() : before;
    return { before, key, known, now: newTime(context.modifiedAt, known) };
  };
  let started: Promise<Started> | undefined;
  let [isRequested, listed] = [false, undefined as Transfer["sent"] | undefined];

  async function* entries(): ReturnType<BuildContext["entries"]> {
    if (started === undefined) {
      yield* context.entries();
      return;
    }
    const { known, now } = await started;
    isRequested = true;
    const sent = new Map<string, Sent>();
    for await (const entry of context.entries()) {
      const earlier = known.get(entry.path);
      const id = identityOf(entry);
      const time = id !== undefined && earlier?.id === id ? earlier.time : now;
      if (id !== undefined) sent.set(entry.path, { id, time });
      yield entry.kind === "directory" ? entry : { ...entry, modifiedAt: time };
    }
    listed = sent;
  }

  /** @param isWhole whether the builder has ended in a known state */
  const settle = async (isWhole: boolean): Promise<void> => {
    if (started === undefined) return;
    const { before, key } = await started;
    if (!isRequested) await record.keep(before);
    else if (isWhole && listed !== undefined) await record.keep({ key, sent: listed });
  };
  const transferKey = async (): Promise<string> => (await (started ??= start())).key;
  try {
    const result = await use({ ...context, entries, transferKey });
    await settle(true);
    return result;
  } catch (error) {
    await settle(isImageSourceError(error) && error.code === "BUILD_FAILED");
    throw error;
  }
}

/** The state at the start of a build with BuildKit. */
interface Started {
  /** The record, whether it is used or not. */
  readonly before: Transfer;
  readonly key: string;
  readonly known: Transfer["sent"];
  /** The time of the files that are not known. */
  readonly now: EntryTime;
}

/** Returns a time with nanoseconds that no known file has. */
function newTime(date: Date, known: ReadonlyMap<string, Sent>): EntryTime {
  const used = new Set(Array.from(known.values(), ({ time }) => time.nanoseconds));
  let nanoseconds;
  do nanoseconds = randomInt(1_000_000_000);
  while (used.has(nanoseconds));
  return { seconds: Math.floor(date.getTime() / 1000), nanoseconds };
}
