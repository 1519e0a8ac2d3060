import { isImageSourceError, type Clock, type Log, type RuntimeName, type Store } from "@molecule/core";

/*
 * Records which images were built here or taken from other hosts, in which order and when. The engine does not know:
 * `Created` is the time of a cached layer. The order is a number, so that a wrong clock does not matter.
 */

/** The origin of an image, which decides whether it is used if shared builds must be signed. */
export interface ImageOrigin {
  /** Whether it was built here; undefined in records of earlier versions. */
  readonly isBuilt?: boolean | undefined;
  /** The ID of the policy that its signature was verified under; undefined if it was not. */
  readonly verifiedBy?: string | undefined;
}

/** One image that was built here, or taken from another host. */
export interface BuildRecord extends ImageOrigin {
  readonly imageId: string;
  readonly reference: string;
  /** Higher means later, among the builds of one runtime. */
  readonly sequence: number;
  /** Build time in milliseconds since 1970, by the clock at that time. */
  readonly builtAt: number;
}

export interface BuildRecords {
  /**
   * Never rejects: a failure to record must not fail the build.
   * @param use `decidesTrust`: without its record the image is not used again, so a failure is logged as a warning
   */
  add(
    runtime: RuntimeName,
    image: Omit<BuildRecord, "sequence" | "builtAt">,
    use?: { readonly decidesTrust: boolean },
  ): Promise<void>;
  /** Returns the record of an image; undefined if there is none, or it cannot be read. */
  get(runtime: RuntimeName, imageId: string): Promise<BuildRecord | undefined>;
  /** Forgets an image that was removed. Never rejects. */
  forget(runtime: RuntimeName, imageId: string): Promise<void>;
  /** Returns the records by image ID; skips those that cannot be read. */
  of(runtime: RuntimeName): Promise<ReadonlyMap<string, BuildRecord>>;
}

/** Records in the store, one for each image. */
export function buildRecords({
  store,
  clock,
  log,
}: {
  readonly store: Pick<Store, "records">;
  readonly clock: Clock;
  readonly log: Log;
}): BuildRecords {
  const of = (runtime: RuntimeName) => store.records(`records/${runtime}`);

  const records: BuildRecords = {
    async add(runtime, image, { decidesTrust } = { decidesTrust: false }) {
      const { imageId } = image;
      try {
        const earlier = [...(await records.of(runtime)).values()];
        const sequence = Math.max(0, ...earlier.map((record) => record.sequence)) + 1;
        const record: BuildRecord = { ...image, sequence, builtAt: clock.wallMs() };
        await of(runtime).write(imageId, record);
      } catch (error) {
        const fields = { runtime, imageId, error: String(error) };
        if (!decidesTrust) log.debug("cannot record a build", fields);
        else
          log.warn("cannot record that an image is trusted; the next call gets it again", {
            ...fields,
            ...(isImageSourceError(error) && { hint: error.hint }),
          });
      }
    },
    async get(runtime, imageId) {
      const record = await of(runtime).read(imageId);
      return isBuildRecord(record) ? record : undefined;
    },
    async forget(runtime, imageId) {
      try {
        await of(runtime).remove(imageId);
      } catch (error) {
        log.debug("cannot remove the record of a build", { runtime, imageId, error: String(error) });
      }
    },
    async of(runtime) {
      const known = (await of(runtime).all()).filter(isBuildRecord);
      return new Map(known.map((record) => [record.imageId, record]));
    },
  };
  return records;
}

function isBuildRecord(value: unknown): value is BuildRecord {
  if (typeof value !== "object" || value === null) return false;
  const record = value as Partial<Record<keyof BuildRecord, unknown>>;
  const { imageId, reference, sequence, builtAt, isBuilt, verifiedBy } = record;
  if (typeof imageId !== "string" || typeof reference !== "string") return false;
  if (!["boolean", "undefined"].includes(typeof isBuilt)) return false;
  if (!["string", "undefined"].includes(typeof verifiedBy)) return false;
  return Number.isSafeInteger(sequence) && typeof builtAt === "number";
}
