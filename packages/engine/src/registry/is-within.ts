import { isIP } from "node:net";
import { isAddressWithin } from "@molecule/node-edges";

/**
 * Whether a host is in one of these ranges (`10.0.0.0/8`). A name is in a range only if the range covers every address.
 */
export function isWithin(host: string, ranges: readonly string[]): boolean {
  return ranges.some((range) =>
    isIP(host) === 0 ? /^(?:0\.0\.0\.0|::)\/0$/.test(range) : isAddressWithin(host, range),
  );
}
