import type { EngineIdentity, Resolution, SourceServices } from "@molecule/core";

/** What the registry gave for a reference, when it was last asked from here. */
export interface PullRecord {
  readonly imageId: string;
  /** The registry's; null where the engine did not say it. */
  readonly digest: string | null;
  /** The policy that its signature was verified under; undefined if it was not. */
  readonly verifiedBy?: string | undefined;
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

/** Records in the store, one for each engine, reference and platform. */
export function pullRecords({
  store,
  clock,
  log,
}: Pick<SourceServices, "store" | "clock" | "log">): PullRecords {
  const records = store.records(".pulls");
  const keyOf = ({ address }: EngineIdentity, { reference, platform }: PullQuestion): string =>
    JSON.stringify([address, reference, platform]);
  return {
    async add(engine, question, { imageId, digest, verifiedBy }) {
      const record: PullRecord = { imageId, digest, verifiedBy, pulledAt: clock.wallMs() };
      try {
        await records.write(keyOf(engine, question), record);
      } catch (error) {
        log.debug("a pull could not be recorded", { ...question, error: String(error) });
      }
    },
    of: async (engine, question) => recordOf(await records.read(keyOf(engine, question))),
  };
}

function recordOf(value: unknown): PullRecord | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { imageId, digest, verifiedBy, pulledAt } = value as Partial<Record<keyof PullRecord, unknown>>;
  if (typeof imageId !== "string" || typeof pulledAt !== "number") return undefined;
  return {
    imageId,
    digest: typeof digest === "string" ? digest : null,
    verifiedBy: typeof verifiedBy === "string" ? verifiedBy : undefined,
    pulledAt,
  };
}
