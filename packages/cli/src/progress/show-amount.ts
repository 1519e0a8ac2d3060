import type { ProgressEvent } from "@molecule/core";

/** Formats an amount: `12.3 of 80.1 MB`, `2/7 steps`. */
export function showAmount({
  done,
  total,
  unit,
}: Pick<Extract<ProgressEvent, { type: "amount" }>, "done" | "total" | "unit">): string {
  if (unit === "steps")
    return total === undefined ? `${String(done)} steps` : `${String(done)}/${String(total)} steps`;
  const inMb = (bytes: number): string => (bytes / 1e6).toFixed(1);
  return total === undefined ? `${inMb(done)} MB` : `${inMb(done)} of ${inMb(total)} MB`;
}
