/** The result of a pull as reported by its stream. */
export interface Transferred {
  readonly digest: string | undefined;
  readonly arrived: string | undefined;
  /** Whether the engine already has the image of another platform under this digest and does not replace it. */
  readonly hasDigestConflict: boolean;
}

/** Pulls a reference. The caller must inspect the image. */
export type Transfer = (reference: string) => Promise<Transferred>;
