import type { ImageInspection } from "@molecule/core";

/** An image of the engine in memory, without its names. */
export interface MemoryImage extends Omit<ImageInspection, "tags"> {
  readonly prints: string;
}
