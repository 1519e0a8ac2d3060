import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { rootCertificates } from "node:tls";
import { configInvalid, type Env, type Fetch } from "@molecule/core";
import { envProxy } from "./env-proxy.js";
import { HttpProxyAgent, HttpsProxyAgent } from "./proxy-agent.js";

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
  const agents = new Map<string, http.Agent>();

  function agentFor(target: URL): http.Agent {
    const proxy = envProxy(env, target);
    const key = `${target.protocol} ${proxy?.href ?? ""}`;
    const agent = agents.get(key) ?? createAgent(target.protocol, proxy, env);
    agents.set(key, agent);
    return agent;
  }

  return {
    fetch: async (url, init) => {
      const { default: nodeFetch } = await import("node-fetch");
      return nodeFetch(url, { ...init, agent: agentFor(new URL(url)) });
    },
    close: () => {
      for (const agent of agents.values()) agent.destroy();
      agents.clear();
    },
  };
}

function createAgent(protocol: string, proxy: URL | undefined, env: Env): http.Agent {
  // Node takes idle sockets of an agent out of what keeps the process alive.
  const options: https.AgentOptions = { keepAlive: true, ...extraCertificates(env) };
  if (protocol === "https:") return proxy ? new HttpsProxyAgent(proxy, options) : new https.Agent(options);
  // Without a name, Node's agent works one out for TLS, with expressions that take 5 ms to compile.
  const plain = { ...options, servername: "" };
  return proxy ? new HttpProxyAgent(proxy, plain) : new http.Agent(plain);
}

function extraCertificates(env: Env): https.AgentOptions {
  const file = env.NODE_EXTRA_CA_CERTS ?? "";
  if (file === "") return {};
  try {
    return { ca: [...rootCertificates, readFileSync(file, "utf8")] };
  } catch (error) {
    throw configInvalid(
      `NODE_EXTRA_CA_CERTS is ${file}, which cannot be read`,
      "Name a readable file of certificates in PEM form, or unset it.",
      error,
    );
  }
}
