import { Agent } from "node:http";
import type * as NodeFetch from "node-fetch";
import { isImageSourceError, type Env, type Fetch, type FetchAnswer, type FetchInit } from "@molecule/core";
import { envProxy } from "./env-proxy.js";
import { isStrangeCertificate } from "./fetch-failure.js";
import { proxyFailed } from "./proxy-failure.js";
import { systemCertificates } from "./certificates.js";
import { type HttpProxy } from "./env-proxy.js";
import type { AgentContext } from "./create-secure-agent.js";

/** A fetch whose connections can be closed. */
export interface ClosableFetch {
  readonly fetch: Fetch;
  readonly close: () => void;
}

/**
 * Returns node-fetch, loaded at the first call, with the proxies and extra certificates of the given environment,
 * which may differ from that of the process. Connections are kept alive; idle ones do not keep the process running.
 * @param system returns the certificates that the system trusts
 */
export function createFetch(env: Env, system = systemCertificates): ClosableFetch {
  const agents = new Map<string, Agent>();
  let trust: AgentContext["trust"] = "own";
  // An import takes time even if the module is loaded already.
  let library: Promise<typeof NodeFetch> | undefined;

  async function agentFor({ protocol }: URL, proxy: HttpProxy | undefined): Promise<Agent> {
    const key = [protocol, trust, proxy?.variable].join(" ");
    const made = agents.get(key) ?? (await createAgent(protocol, proxy, { env, trust, system }));
    // Another call may have created one in the meantime.
    const agent = agents.get(key) ?? made;
    agents.set(key, agent);
    return agent;
  }

  async function request(url: URL, init: FetchInit, proxy: HttpProxy | undefined): Promise<FetchAnswer> {
    const { default: nodeFetch } = await (library ??= import("node-fetch"));
    const ask = async (): Promise<FetchAnswer> =>
      nodeFetch(url.href, { ...init, agent: await agentFor(url, proxy) });
    try {
      return await ask();
    } catch (error) {
      if (trust === "all" || !isStrangeCertificate(error)) throw error;
      // Nothing was sent yet. git trusts the system's certificates, so lookups must as well.
      trust = "all";
      return ask();
    }
  }

  return {
    fetch: async (url, init) => {
      const target = new URL(url);
      const proxy = envProxy(env, target);
      const pending = request(target, init, proxy);
      return proxy === undefined ? pending : throughProxy(url, proxy, pending);
    },
    close: () => {
      for (const agent of agents.values()) agent.destroy();
      agents.clear();
    },
  };
}

/** Separates failures of the proxy from those of the server behind it. */
async function throughProxy(
  url: string,
  proxy: HttpProxy,
  pending: Promise<FetchAnswer>,
): Promise<FetchAnswer> {
  let response: FetchAnswer;
  try {
    response = await pending;
  } catch (error) {
    if (isImageSourceError(error)) throw error;
    const { tunnelFault } = await import("./proxy-agent.js");
    const { code } = error as { readonly code?: unknown };
    if (typeof code !== "string") throw error;
    // Without a tunnel the only connection is the one to the proxy.
    const fault = tunnelFault(code) ?? (url.startsWith("http:") ? { code } : undefined);
    throw fault === undefined ? error : proxyFailed(url, proxy, fault, { cause: error });
  }
  if (response.status === 407) throw proxyFailed(url, proxy, { status: 407 });
  return response;
}

// Without a server name, Node's agent derives one for TLS with regular expressions that take 5 ms to compile.
const plainAgent = { keepAlive: true, servername: "" };

async function createAgent(
  protocol: string,
  proxy: HttpProxy | undefined,
  context: AgentContext,
): Promise<Agent> {
  if (protocol !== "https:" && proxy === undefined) return new Agent(plainAgent);
  // Loading TLS takes a quarter of the start-up time, and a local forge does not need it.
  const { createSecureAgent } = await import("./create-secure-agent.js");
  return createSecureAgent(protocol, proxy, context);
}
