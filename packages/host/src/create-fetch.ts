import { Agent } from "node:http";
import type { Env, Fetch } from "@molecule/core";
import { envProxy } from "./env-proxy.js";

/** A fetch, and the end of the connections that it keeps. */
export interface ClosableFetch {
  readonly fetch: Fetch;
  readonly close: () => void;
}

/**
 * node-fetch, loaded at the first call, with the proxies and the extra certificates of the environment that was given,
 * which need not be that of the process. Connections are kept; idle ones keep no process alive.
 */
export function createFetch(env: Env): ClosableFetch {
  const agents = new Map<string, Agent>();

  async function agentFor(target: URL): Promise<Agent> {
    const proxy = envProxy(env, target);
    const key = `${target.protocol} ${proxy?.href ?? ""}`;
    const made = agents.get(key) ?? (await createAgent(target, proxy, env));
    // Another call may have made one meanwhile.
    const agent = agents.get(key) ?? made;
    agents.set(key, agent);
    return agent;
  }

  return {
    fetch: async (url, init) => {
      const { default: nodeFetch } = await import("node-fetch");
      return nodeFetch(url, { ...init, agent: await agentFor(new URL(url)) });
    },
    close: () => {
      for (const agent of agents.values()) agent.destroy();
      agents.clear();
    },
  };
}

// Without a name, Node's agent works one out for TLS, with expressions that take 5 ms to compile.
const plainAgent = { keepAlive: true, servername: "" };

async function createAgent(target: URL, proxy: URL | undefined, env: Env): Promise<Agent> {
  if (target.protocol === "https:" || proxy !== undefined || (env.NODE_EXTRA_CA_CERTS ?? "") !== "") {
    // TLS is a quarter of what a process needs to start; a forge beside it does without.
    const { createSecureAgent } = await import("./create-secure-agent.js");
    return createSecureAgent(target.protocol, proxy, env);
  }
  return new Agent(plainAgent);
}
