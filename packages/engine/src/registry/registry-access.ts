import { type Fetch } from "@molecule/core";
import type { SentCredentials } from "../credentials/explain-refusal.js";

/** How to reach a registry. */
export interface RegistryAccess {
  readonly fetch: Fetch;
  /** The credentials it gets once it asks. */
  readonly sent: SentCredentials;
  /** Tried in this order. */
  readonly schemes: readonly ("https" | "http")[];
  readonly signal: AbortSignal;
}
