import { parseImageReference, type Fetch } from "@molecule/core";
import { isLoopback } from "@molecule/node-edges";
import type { SentCredentials } from "../credentials/explain-refusal.js";
import { hostOf } from "./registry-host.js";

/** How to reach a registry. */
export interface RegistryAccess {
  readonly fetch: Fetch;
  /** The credentials to send if the registry requests them. */
  readonly sent: SentCredentials;
  /** Tried in this order. */
  readonly schemes: RegistrySchemes;
  readonly signal: AbortSignal;
  /** The time limit of each request. Default: 30 s. */
  readonly deadlineMs?: number | undefined;
}

export type RegistrySchemes = readonly ("https" | "http")[];

/**
 * Returns the schemes to try for the registry of a reference.
 * @param allowsHttp whether plain http is used if https fails; called unless the registry is on loopback
 */
export async function registrySchemes(
  reference: string,
  allowsHttp: () => boolean | Promise<boolean>,
): Promise<RegistrySchemes> {
  if (isLoopback(hostOf(parseImageReference(reference)))) return ["http", "https"];
  return (await allowsHttp()) ? ["https", "http"] : ["https"];
}
