import { randomUUID } from "node:crypto";
import type { ContextEntry, EntryTime, Log, Store } from "@molecule/core";

/** What BuildKit has received under a key. */
export interface Transfer {
  readonly key: string;
  /** Files and links, by path. */
  readonly sent: ReadonlyMap<string, Sent>;
}

export interface Sent {
  /** Its {@link identityOf identity}. */
  readonly id: string;
  readonly time: EntryTime;
}

/** The record of a template's last build. */
export interface TransferRecord {
  /** Returns and removes the record; returns an unused transfer if there is none. Never rejects. */
  take(): Promise<Transfer>;
  /** Returns a transfer with a new key. */
  unused(): Transfer;
  /** Records what the next build may rely on. Never rejects: without a record, it sends everything. */
  keep(transfer: Transfer): Promise<void>;
}

const key = "transfer";

/** The files that were sent with one time, as pairs of path and identity. */
interface SentAtOnce {
  readonly time: EntryTime;
  readonly files: readonly (readonly [path: string, id: string])[];
}

/**
 * The record of one template, in a directory of the store.
 * @param directory the name of the directory
 */
export function transferRecord(
  directory: string,
  { store, log }: { readonly store: Pick<Store, "records">; readonly log: Log },
): TransferRecord {
  const stored = store.records(directory);
  const unused = (): Transfer => ({ key: randomUUID(), sent: new Map() });
  return {
    unused,
    async take() {
      try {
        const record = await stored.read(key);
        await stored.remove(key);
        return transferOf(record) ?? unused();
      } catch (error) {
        log.debug("cannot use what the builder kept of the last build", { error: String(error) });
        return unused();
      }
    },
    async keep(transfer) {
      try {
        await stored.write(key, recordOf(transfer));
      } catch (error) {
        log.debug("cannot record what the builder keeps", { error: String(error) });
      }
    },
  };
}

/** Returns what a file or link contains; undefined if unknown. */
export function identityOf({ kind, contentId, target }: ContextEntry): string | undefined {
  return kind === "link" ? `link ${target}` : contentId;
}

/** Most files were sent with one of few times. */
function recordOf({ key, sent }: Transfer): { key: string; sent: SentAtOnce[] } {
  const groups = new Map<EntryTime, [string, string][]>();
  for (const [path, { id, time }] of sent) {
    const files = groups.get(time) ?? [];
    files.push([path, id]);
    groups.set(time, files);
  }
  return { key, sent: Array.from(groups, ([time, files]) => ({ time, files })) };
}

/** Undefined if it is no record, for example because a later version wrote it. */
function transferOf(record: unknown): Transfer | undefined {
  const { key, sent } = (record ?? {}) as { readonly key?: unknown; readonly sent?: unknown };
  if (typeof key !== "string" || !Array.isArray(sent) || !sent.every(isSentAtOnce)) return undefined;
  const files = sent.flatMap(({ time, files: one }) =>
    one.map(([path, id]) => [path, { id, time }] as const),
  );
  return { key, sent: new Map(files) };
}

function isSentAtOnce(value: unknown): value is SentAtOnce {
  const { time, files } = (value ?? {}) as { readonly time?: Partial<EntryTime>; readonly files?: unknown };
  const isTime = Number.isSafeInteger(time?.seconds) && Number.isSafeInteger(time?.nanoseconds);
  return isTime && Array.isArray(files) && files.every((file) => Array.isArray(file));
}
