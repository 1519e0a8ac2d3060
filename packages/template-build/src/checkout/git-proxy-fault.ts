import type { HttpProxy, ProxyFault } from "@molecule/node-edges";

/*
 * How curl reports a proxy failure, in the line that git prints. Measured with git 2.39.5 (curl 7.88); the second
 * wording of a pair is that of curl 8.
 */

// fatal: unable to access 'https://h/r.git/': Received HTTP code 407 from proxy after CONNECT
// fatal: unable to access 'https://h/r.git/': CONNECT tunnel failed, response 407
const tunnel =
  /^fatal: unable to access '.*': (?:Received HTTP code|CONNECT tunnel failed, response) (\d{3})\b/m;
// fatal: unable to access 'http://h/r.git/': The requested URL returned error: 407
const authentication = /^fatal: unable to access '.*': The requested URL returned error: 407$/m;
// fatal: unable to access 'https://h/r.git/': Could not resolve proxy: nosuch.example
const unknownHost = /^fatal: unable to access '.*': Could not resolve proxy: /m;
// fatal: unable to access 'https://h/r.git/': Failed to connect to 127.0.0.1 port 1 after 0 ms: Couldn't connect to server
const unconnected = /^fatal: unable to access '.*': Failed to connect to (\S+) port (\d+)(.*)$/m;
// fatal: unable to access 'https://h/r.git/': Proxy CONNECT aborted
const aborted = /^fatal: unable to access '.*': Proxy CONNECT aborted(.*)$/m;

/**
 * Returns how the proxy failed; undefined if something else failed.
 * @param own the output of git itself, without the server's lines
 */
export function gitProxyFault(own: string, proxy: HttpProxy): ProxyFault | undefined {
  const status = tunnel.exec(own)?.[1] ?? (authentication.test(own) ? "407" : undefined);
  if (status !== undefined) return { status: Number(status) };
  if (unknownHost.test(own)) return { code: "ENOTFOUND" };
  const [, host, port, rest = ""] = unconnected.exec(own) ?? [];
  if (host === proxy.host && Number(port) === proxy.port) {
    return { code: /timed? ?out/i.test(rest) ? "ETIMEDOUT" : "ECONNREFUSED" };
  }
  const end = aborted.exec(own);
  if (end === null) return undefined;
  return { code: /timeout/.test(end[1] ?? "") ? "ETIMEDOUT" : "ECONNRESET" };
}
