import { BlockList, isIP } from "node:net";

const loopback = ["127.0.0.0/8", "::1/128"];

/** Whether a host (`localhost`, `127.0.0.1`, `::1`, without port and brackets) is this machine and no other. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/\.$/, "").toLowerCase();
  return name === "localhost" || name.endsWith(".localhost") || isWithin(name, loopback);
}

/** Whether a host is one of these ranges (`10.0.0.0/8`). A name is in a range only when that holds every address. */
export function isWithin(host: string, ranges: readonly string[]): boolean {
  const family = isIP(host);
  return ranges.some((range) => {
    const [network = "", bits = ""] = range.split("/");
    const own = isIP(network);
    if (own === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (own === 4 ? 32 : 128)) return false;
    if (family === 0) return Number(bits) === 0;
    if (family !== own) return false;
    const type = own === 4 ? "ipv4" : "ipv6";
    const list = new BlockList();
    list.addSubnet(network, Number(bits), type);
    return list.check(host, type);
  });
}
