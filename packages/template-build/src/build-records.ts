import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, type Env, type Log, type RuntimeName } from "@molecule/core";
import { makeOwnDirectories, ownBase, replaceFile } from "@molecule/node-edges";

/*
 * Records which images were built here, in which order and when. The engine does not know: `Created` is the time of
 * a cached layer. The order is a number, so that a clock that was once wrong does no harm.
 */

/** One image that was built here. */
export interface BuildRecord {
  readonly imageId: string;
  readonly reference: string;
  /** Higher means later, among the builds of one runtime. */
  readonly sequence: number;
  /** Build time in milliseconds since 1970, by the clock at that time. */
  readonly builtAt: number;
}

export interface BuildRecords {
  /** Never rejects: a failure to record must not fail the build. */
  add(runtime: RuntimeName, image: Pick<BuildRecord, "imageId" | "reference">): Promise<void>;
  /** Forgets an image that was removed. Never rejects. */
  forget(runtime: RuntimeName, imageId: string): Promise<void>;
  /** Returns the records by image ID; skips those that cannot be read. */
  of(runtime: RuntimeName): Promise<ReadonlyMap<string, BuildRecord>>;
}

/** Records below the cache directory, one small file for each image. */
export function buildRecords(services: {
  readonly cacheDir: string;
  readonly env: Env;
  readonly clock: Clock;
  readonly log: Log;
}): BuildRecords {
  const { cacheDir, env, clock, log } = services;
  const directoryOf = (runtime: RuntimeName): string => join(cacheDir, "records", runtime);

  const records: BuildRecords = {
    async add(runtime, { imageId, reference }) {
      try {
        const directory = await makeOwnDirectories(ownBase(cacheDir, env), directoryOf(runtime), env);
        const earlier = [...(await records.of(runtime)).values()];
        const sequence = Math.max(0, ...earlier.map((record) => record.sequence)) + 1;
        const record: BuildRecord = { imageId, reference, sequence, builtAt: clock.wallMs() };
        await replaceFile(join(directory, fileName(imageId)), JSON.stringify(record));
      } catch (error) {
        log.debug("a build could not be recorded", { runtime, imageId, error: String(error) });
      }
    },
    async forget(runtime, imageId) {
      try {
        await rm(join(directoryOf(runtime), fileName(imageId)), { force: true });
      } catch (error) {
        log.debug("the record of a build could not be removed", { runtime, imageId, error: String(error) });
      }
    },
    async of(runtime) {
      const directory = directoryOf(runtime);
      const names = await readdir(directory).catch(() => []);
      const read = await Promise.all(
        names
          .filter((name) => name.endsWith(".json"))
          .map((name) => readFile(join(directory, name), "utf8").catch(() => "")),
      );
      const known = read.map(parse).filter((record) => record !== undefined);
      return new Map(known.map((record) => [record.imageId, record]));
    },
  };
  return records;
}

function fileName(imageId: string): string {
  return `${imageId.replace(/^sha256:/, "").slice(0, 24)}.json`;
}

function parse(text: string): BuildRecord | undefined {
  try {
    const record = JSON.parse(text) as Partial<Record<keyof BuildRecord, unknown>>;
    const { imageId, reference, sequence, builtAt } = record;
    if (typeof imageId !== "string" || typeof reference !== "string") return undefined;
    if (!Number.isSafeInteger(sequence) || typeof builtAt !== "number") return undefined;
    return { imageId, reference, sequence: sequence as number, builtAt };
  } catch {
    return undefined;
  }
}
