import { BlockList, isIP } from "node:net";

/** Normalises a host: lower case, without brackets and the final dot, an embedded IPv4 address in dotted form. */
export function plainHost(host: string): string {
  const name = host
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "")
    .toLowerCase();
  return isIP(name) === 6 ? embeddedIpv4(name) : name;
}

/** Returns whether a host (`localhost`, `127.0.0.2`, `[::1]`; no port) is the loopback interface. */
export function isLoopback(host: string): boolean {
  const name = plainHost(host);
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  return name === "::1" || (isIP(name) === 4 && name.startsWith("127."));
}

/** Returns whether an address is in a range (`10.0.0.0/8`). False for a name or an invalid range. */
export function isAddressWithin(address: string, range: string): boolean {
  const [network = "", bits = ""] = range.split("/");
  const family = isIP(network);
  if (family === 0 || isIP(address) !== family || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), typeOf(network));
  return list.check(address, typeOf(address));
}

function typeOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

/** `::ffff:127.0.0.1` and `::ffff:7f00:1` are the address 127.0.0.1. */
function embeddedIpv4(address: string): string {
  const short = new URL(`http://[${address.replace(/%.*$/s, "")}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short) ?? [];
  if (high === undefined || low === undefined) return short;
  return [high, low]
    .flatMap((part) => [Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 255])
    .join(".");
}
