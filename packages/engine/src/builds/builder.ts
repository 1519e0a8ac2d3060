/** Who builds inside the engine. */
export type Builder = "buildkit" | "classic";
