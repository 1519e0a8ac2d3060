import type { ImageInspection } from "@molecule/core";

/** An image of the in-memory engine, without its names. */
export interface MemoryImage extends Omit<ImageInspection, "tags"> {
  readonly prints: string;
}
