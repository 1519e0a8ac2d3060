import { createSpine, type ImageProvider, type ImageSource } from "@molecule/core";
import type { Bench } from "./bench.js";
import { hangMs } from "./in-time.js";

/** The source as callers get it, with both of the bench's runtimes on the allowlist. */
export function openSpine(bench: Bench, source: ImageSource = bench.source): ImageProvider {
  const { services, runtime, otherRuntime } = bench;
  return createSpine({
    source,
    selection: { source: source.name, mode: services.registry.mode, because: "the conformance suite" },
    registry: services.registry,
    runtimes: new Set([runtime, otherRuntime]),
    timeoutMs: hangMs,
    mask: services.mask,
    clock: services.clock,
    log: services.log,
  });
}
