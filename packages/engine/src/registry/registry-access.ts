import { type Fetch } from "@molecule/core";
import type { SentCredentials } from "../credentials/explain-refusal.js";

/** How to reach a registry. */
export interface RegistryAccess {
  readonly fetch: Fetch;
  /** The credentials to send if the registry requests them. */
  readonly sent: SentCredentials;
  /** Tried in this order. */
  readonly schemes: readonly ("https" | "http")[];
  readonly signal: AbortSignal;
}
