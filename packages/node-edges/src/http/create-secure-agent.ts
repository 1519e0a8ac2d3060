import http from "node:http";
import https from "node:https";
import { rootCertificates } from "node:tls";
import { type Env } from "@molecule/core";
import { extraCertificates } from "./certificates.js";
import { type HttpProxy } from "./env-proxy.js";
import { HttpProxyAgent, HttpsProxyAgent } from "./proxy-agent.js";

export interface AgentContext {
  readonly env: Env;
  /** The trusted certificates in addition to the extra ones: loading Node's own takes 2 ms, all of them 50. */
  readonly trust: "own" | "all";
  readonly system: () => Promise<string | undefined>;
}

/**
 * Returns an agent for connections that need TLS or a proxy. Rejects with `CONFIG_INVALID` if the extra certificates
 * cannot be used.
 */
export async function createSecureAgent(
  protocol: string,
  proxy: HttpProxy | undefined,
  context: AgentContext,
): Promise<http.Agent> {
  const usesTls = protocol === "https:" || proxy?.protocol === "https:";
  // Idle sockets of a keep-alive agent do not keep the process alive.
  const options: https.AgentOptions = { keepAlive: true, ...(usesTls ? await certificates(context) : {}) };
  if (protocol === "https:") return proxy ? new HttpsProxyAgent(proxy, options) : new https.Agent(options);
  const plain = { ...options, servername: "" };
  return proxy ? new HttpProxyAgent(proxy, plain) : new http.Agent(plain);
}

/** Adds the extra certificates to those of Node and the system, as git gets them. */
async function certificates({ env, trust, system }: AgentContext): Promise<https.AgentOptions> {
  const extra = await extraCertificates(env);
  if (extra === undefined && trust === "own") return {};
  const added = [await system(), extra].filter((text) => text !== undefined);
  return { ca: [...rootCertificates, ...added] };
}
