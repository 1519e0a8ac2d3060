import {
  isImageSourceError,
  type EngineIdentity,
  type Resolution,
  type SourceServices,
} from "@molecule/core";

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
  /**
   * Never rejects: a pull needs no writable cache directory.
   * @param use `decidesHit`: without this record the image is pulled again, so a failure is logged as a warning
   */
  add(
    engine: EngineIdentity,
    question: PullQuestion,
    image: Omit<PullRecord, "pulledAt">,
    use: { readonly decidesHit: boolean },
  ): Promise<void>;
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
    async add(engine, { reference, platform }, { imageId, digest, verifiedBy }, { decidesHit }) {
      const record: PullRecord = { imageId, digest, verifiedBy, pulledAt: clock.wallMs() };
      try {
        await records.write(keyOf(engine, { reference, platform }), record);
      } catch (error) {
        const fields = { reference, platform, imageId, error: String(error) };
        if (!decidesHit) log.debug("cannot record a pull", fields);
        else
          log.warn("cannot record a pull; the next call pulls the image again", {
            ...fields,
            ...(isImageSourceError(error) && { hint: error.hint }),
          });
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
