import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { rootCertificates } from "node:tls";
import { configInvalid, type Env } from "@molecule/core";
import { HttpProxyAgent, HttpsProxyAgent } from "./proxy-agent.js";

/**
 * Keeps connections that need a certificate or a proxy, or have been given certificates. Throws `CONFIG_INVALID` when
 * the extra certificates cannot be read.
 */
export function createSecureAgent(protocol: string, proxy: URL | undefined, env: Env): http.Agent {
  // Node takes idle sockets of an agent out of what keeps the process alive.
  const options: https.AgentOptions = { keepAlive: true, ...extraCertificates(env) };
  if (protocol === "https:") return proxy ? new HttpsProxyAgent(proxy, options) : new https.Agent(options);
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
