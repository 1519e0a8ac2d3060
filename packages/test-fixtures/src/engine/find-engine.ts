import type { RequestOptions } from "node:http";
import { ping } from "../programs/ping.js";

const defaultAddress = "unix:///var/run/docker.sock";

/**
 * Returns the address of an engine that responds: `DOCKER_HOST` (unix, or tcp without TLS), else the default socket.
 * Returns undefined if none responds.
 */
export async function findEngine(
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const address = env.DOCKER_HOST === undefined || env.DOCKER_HOST === "" ? defaultAddress : env.DOCKER_HOST;
  return (await engineAnswers(address)) ? address : undefined;
}

async function engineAnswers(address: string): Promise<boolean> {
  if (!URL.canParse(address)) return false;
  const { protocol, pathname, hostname, port } = new URL(address);
  const places: Readonly<Record<string, RequestOptions>> = {
    "unix:": { socketPath: decodeURIComponent(pathname) },
    "tcp:": { host: hostname, port: port === "" ? 2375 : port },
  };
  const place = places[protocol];
  return place !== undefined && (await ping({ ...place, path: "/_ping" }))?.status === 200;
}
