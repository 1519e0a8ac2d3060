import { amiss, fine, type Verdict } from "@molecule/core";

/** With a larger difference, tokens, certificates and `every_…` policies are evaluated incorrectly. */
const allowedMs = 5 * 60_000;

/** Compares this machine's clock with the forge's. */
export function checkClock(ownMs: number, forgeMs: number): Verdict {
  const ahead = ownMs - forgeMs;
  if (Math.abs(ahead) <= allowedMs) return fine("the clock agrees with the forge's");
  const minutes = String(Math.round(Math.abs(ahead) / 60_000));
  return amiss(
    `the clock is ${minutes} minutes ${ahead > 0 ? "ahead of" : "behind"} the forge's`,
    "Set it and keep it synchronised (systemd-timesyncd, chrony); if it is right, report it to the forge's operator.",
  );
}
