import type { EnsureOptions, ImageOptions } from "../contract/image-provider.js";
import type { CallOption, ImageRequest } from "../contract/image-request.js";
import { assertWorkOptions, requestedImage } from "./requested-image.js";
import { parseRegistryPrefix, type RegistrySource } from "../values/registry-source.js";
import { knownRuntime, type RuntimeName } from "../values/runtime-name.js";
import type { Selection } from "../contract/selection.js";

/** The rules by which calls are admitted. */
export interface Admission {
  readonly registry: RegistrySource;
  /** The allowlist. */
  readonly runtimes: ReadonlySet<RuntimeName>;
  /** The options that the source supports. Default: none. */
  readonly callOptions?: readonly CallOption[] | undefined;
  readonly selection: Selection;
}

/** A caller's request, parsed. */
export interface AdmittedCall {
  readonly runtime: RuntimeName;
  readonly requested: ImageRequest;
  /** Undefined: the configured time limit. */
  readonly timeoutMs: ImageOptions["timeoutMs"];
}

/**
 * Parses a call before anything is contacted. Throws `CONFIG_INVALID` or `RUNTIME_UNKNOWN`; a bad prefix outranks an
 * unknown runtime, because no image could be named.
 */
export function admitCall(
  runtime: string,
  caller: EnsureOptions,
  { registry, runtimes, callOptions = [], selection }: Admission,
): AdmittedCall {
  if (registry.mode === "registry") parseRegistryPrefix(registry.prefix);
  const known = knownRuntime(runtime, runtimes);
  assertWorkOptions(caller);
  return {
    runtime: known,
    requested: requestedImage(caller, callOptions, selection),
    timeoutMs: caller.timeoutMs,
  };
}

/** Whether the requests are for one image, or the first accepts any. */
export function accepts(requested: ImageRequest, other: ImageRequest): boolean {
  const isOpen = Object.keys(requested).length === 0;
  return isOpen || JSON.stringify(requested) === JSON.stringify(other);
}
