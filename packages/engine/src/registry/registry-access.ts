import { type Fetch } from "@molecule/core";
import type { Told } from "../credentials/explain-refusal.js";

/** How to reach a registry. */
export interface RegistryAccess {
  readonly fetch: Fetch;
  /** The credentials it gets once it asks. */
  readonly told: Told;
  /** Tried in this order. */
  readonly schemes: readonly ("https" | "http")[];
  readonly signal: AbortSignal;
}
