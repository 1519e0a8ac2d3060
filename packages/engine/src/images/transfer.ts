/** The result reported by the stream of a pull. */
export interface Transferred {
  readonly digest: string | undefined;
  readonly arrived: string | undefined;
  /** The engine keeps the image of another platform under this digest, and keeps to it. */
  readonly isTaken: boolean;
}

/** Pulls a reference; on a transfer that ends well, the caller inspects what came. */
export type Transfer = (reference: string) => Promise<Transferred>;
