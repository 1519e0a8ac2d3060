import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type EngineIdentity, type Resolution, type SourceServices } from "@molecule/core";
import { makeOwnDirectories, ownBase, replaceFile } from "@molecule/node-edges";

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
  add(engine: EngineIdentity, question: PullQuestion, image: Omit<PullRecord, "pulledAt">): Promise<void>;
  /** Undefined if there is no record. */
  of(engine: EngineIdentity, question: PullQuestion): Promise<PullRecord | undefined>;
}

/** The requested reference and platform. */
export type PullQuestion = Pick<Resolution, "reference" | "platform">;

/** Below the cache directory, one small file for each engine, reference and platform. */
export function pullRecords(
  services: Pick<SourceServices, "cacheDir" | "env" | "clock" | "log">,
): PullRecords {
  const { cacheDir, env, clock, log } = services;
  // No runtime can have this name.
  const directory = join(cacheDir, ".pulls");
  const place = ({ address }: EngineIdentity, { reference, platform }: PullQuestion): string => {
    const name = createHash("sha256")
      .update(JSON.stringify([address, reference, platform]))
      .digest("hex");
    return join(directory, `${name.slice(0, 32)}.json`);
  };
  return {
    async add(engine, question, { imageId, digest }) {
      const record: PullRecord = { imageId, digest, pulledAt: clock.wallMs() };
      try {
        await makeOwnDirectories(ownBase(cacheDir, env), directory, env);
        await replaceFile(place(engine, question), JSON.stringify(record));
      } catch (error) {
        log.debug("a pull could not be recorded", { ...question, error: String(error) });
      }
    },
    of: async (engine, question) => parse(await readFile(place(engine, question), "utf8").catch(() => "")),
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
