/** Ends a law that cannot be tested with this upstream. */
export class SkippedLaw extends Error {
  override readonly name = "SkippedLaw";
}

/**
 * Reports a skipped law: through the context that node:test and vitest pass to a test, which can skip it; under other
 * runners with a process warning.
 */
export function reportSkipped(law: string, reason: string, context: unknown): void {
  if (canSkip(context)) context.skip(reason);
  else process.emitWarning(`skipped: ${law}: ${reason}`, "ConformanceWarning");
}

function canSkip(context: unknown): context is { skip(reason: string): void } {
  const isHolder = typeof context === "object" || typeof context === "function";
  return isHolder && context !== null && "skip" in context && typeof context.skip === "function";
}
