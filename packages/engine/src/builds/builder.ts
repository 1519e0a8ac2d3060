/** The builder inside the engine. */
export type Builder = "buildkit" | "classic";
