import type { NetConnectOpts } from "node:net";

/** The server behind a proxy. */
export interface ProxyTarget {
  readonly place: NetConnectOpts;
  /** Returns the target's address with another host and port, or another socket file, instead of its own. */
  readonly addressOf: (place: string) => string;
}

const loopback = /^(?:127(?:\.\d+){3}|localhost|\[::1\])$/;

/**
 * Accepts `unix:///path`, `tcp://HOST:PORT`, `http://HOST:PORT/path` and `HOST:PORT`. Throws a `TypeError` for
 * anything else, and for hosts other than this machine.
 */
export function proxyTarget(address: string): ProxyTarget {
  if (address.startsWith("unix://"))
    return { place: { path: address.slice("unix://".length) }, addressOf: (path) => `unix://${path}` };
  const [, scheme = "", host = "", port = "", rest = ""] =
    /^((?:tcp|http):\/\/)?([^/:@[\]]+|\[[^/\]]+\]):(\d+)(\/.*)?$/.exec(address) ?? [];
  if (!loopback.test(host))
    throw new TypeError(`${address} is no unix socket and no host and port of this machine`);
  return {
    place: { host: host.replace(/^\[|\]$/g, ""), port: Number(port) },
    addressOf: (place) => `${scheme}${place}${rest}`,
  };
}
