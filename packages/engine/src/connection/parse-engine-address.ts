import { configInvalid } from "@molecule/core";
import type { EngineEndpoint, TcpEndpoint, TlsMaterial } from "./engine-endpoint.js";

export const defaultEngineAddress = "unix:///var/run/docker.sock";

const defaultPort = 2375;

/**
 * Parses an address as the docker CLI does (opts.ParseHost): `unix://PATH`, `tcp://HOST[:PORT]`, or `HOST[:PORT]`,
 * ignoring surrounding whitespace. Rejects with `CONFIG_INVALID`.
 * @param origin the variable, key or file that contains it
 * @param readTls called for a tcp address only; undefined means plain text
 */
export async function parseEngineAddress(
  untrimmed: string,
  origin: string,
  readTls: () => Promise<TlsMaterial | undefined>,
): Promise<EngineEndpoint> {
  const written = untrimmed.trim();
  const [, scheme = "tcp", rest = ""] = /^(?:([^:/]*):\/\/)?(.*)$/s.exec(written) ?? [];
  if (scheme === "unix") {
    const address = rest === "" ? defaultEngineAddress : written;
    return { kind: "unix", address, socketPath: address.slice("unix://".length) };
  }
  if (scheme !== "tcp") {
    throw invalid(
      written,
      origin,
      `the scheme ${scheme}:// is not supported`,
      scheme === "ssh" ? sshHint : usualHint,
    );
  }
  return tcpEndpoint(rest, written, origin, readTls);
}

/**
 * Parses an address (`unix://PATH`, `tcp://HOST:PORT`) of an engine to which the docker CLI's variables do not apply;
 * tcp is plain text. Rejects with `CONFIG_INVALID`.
 */
export async function plainEngineEndpoint(written: string, origin: string): Promise<EngineEndpoint> {
  return { ...(await parseEngineAddress(written, origin, async () => undefined)), namedBy: origin };
}

async function tcpEndpoint(
  rest: string,
  written: string,
  origin: string,
  readTls: () => Promise<TlsMaterial | undefined>,
): Promise<TcpEndpoint> {
  const text = `tcp://${rest === "" || rest.startsWith(":") ? "localhost" : ""}${rest}`;
  if (!URL.canParse(text)) throw invalid(written, origin, "it is not a host and port");
  const url = new URL(text);
  if (!["", "/"].includes(url.pathname) || url.search !== "" || url.hash !== "") {
    throw invalid(written, origin, "a path after the host is not supported");
  }
  const port = url.port === "" ? defaultPort : Number(url.port);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return { kind: "tcp", address: `tcp://${url.hostname}:${String(port)}`, host, port, tls: await readTls() };
}

const usualHint =
  "Write unix:///PATH or tcp://HOST:PORT (with DOCKER_TLS_VERIFY=1 for TLS); other schemes are not supported.";
const sshHint =
  "Forward its socket, `ssh -nNT -L /tmp/engine.sock:/PATH/OF/ITS/SOCKET HOST`, and write unix:///tmp/engine.sock.";

function invalid(written: string, origin: string, why: string, hint = usualHint): Error {
  const shown = JSON.stringify(written.replace(/\/\/[^/]*@/, "//***@"));
  return configInvalid(`${origin} names the engine ${shown}, which cannot be used: ${why}`, hint);
}
