import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  makeOwnDirectories,
  ownBase,
  replaceFile,
  type EngineIdentity,
  type SourceServices,
} from "@molecule/core";

/** What the registry gave for a reference, when it was last asked from here. */
export interface PullRecord {
  readonly imageId: string;
  /** The registry's; null where the engine did not say it. */
  readonly digest: string | null;
  /** Milliseconds since 1970, by the clock of the time. */
  readonly pulledAt: number;
}

export interface PullRecords {
  /** Never rejects: a pull needs no writable home. */
  add(engine: EngineIdentity, reference: string, image: Omit<PullRecord, "pulledAt">): Promise<void>;
  /** Undefined: nothing is known. */
  of(engine: EngineIdentity, reference: string): Promise<PullRecord | undefined>;
}

/** Below the cache directory, one small file for each engine and reference. */
export function pullRecords(
  services: Pick<SourceServices, "cacheDir" | "env" | "clock" | "log">,
): PullRecords {
  const { cacheDir, env, clock, log } = services;
  // No runtime can have this name.
  const directory = join(cacheDir, ".pulls");
  const place = ({ address }: EngineIdentity, reference: string): string => {
    const name = createHash("sha256")
      .update(JSON.stringify([address, reference]))
      .digest("hex");
    return join(directory, `${name.slice(0, 32)}.json`);
  };
  return {
    async add(engine, reference, { imageId, digest }) {
      const record: PullRecord = { imageId, digest, pulledAt: clock.wallMs() };
      try {
        await makeOwnDirectories(ownBase(cacheDir, env), directory);
        await replaceFile(place(engine, reference), JSON.stringify(record));
      } catch (error) {
        log.debug("a pull could not be recorded", { reference, error: String(error) });
      }
    },
    of: async (engine, reference) => parse(await readFile(place(engine, reference), "utf8").catch(() => "")),
  };
}

function parse(text: string): PullRecord | undefined {
  try {
    const { imageId, digest, pulledAt } = JSON.parse(text) as Partial<Record<keyof PullRecord, unknown>>;
    if (typeof imageId !== "string" || typeof pulledAt !== "number") return undefined;
    return { imageId, digest: typeof digest === "string" ? digest : null, pulledAt };
  } catch {
    return undefined;
  }
}
