import { usage } from "./usage.js";

/** Where a server listens. */
export interface ListenAddress {
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
}

/**
 * Parses `9464`, `0.0.0.0:9464` or `[::1]:9464`; without a host, only this machine can connect. Throws `USAGE`.
 * @param example a port for the hint
 */
export function parseListenAddress(option: string, written: string, example: number): ListenAddress {
  const [, bracketed, plain, digits = ""] =
    /^(?:(?:\[([\da-f:.]+)\]|([^\s:/@[\]]+)):)?(\d{1,5})$/i.exec(written) ?? [];
  const port = Number(digits);
  if (digits !== "" && port < 65_536) return { host: bracketed ?? plain ?? "127.0.0.1", port };
  throw usage(
    `${option} ${JSON.stringify(written)} is not an address to listen on`,
    `Write ${option} PORT or ${option} HOST:PORT, such as ${String(example)} or 0.0.0.0:${String(example)}.`,
  );
}
