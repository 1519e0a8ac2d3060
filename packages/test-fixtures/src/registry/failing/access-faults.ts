import { unavailable, tooMany, denied } from "./fault-replies.js";
import { json, page, registryError } from "../registry-reply.js";
import type { RegistryFault } from "./registry-fault.js";

/** Faults on the way to the registry: token servers, passwords, connections. */
export const accessFaults: Readonly<Record<string, RegistryFault>> = {
  // Token servers.
  "token-401-json": {
    door: "bearer",
    credentials: "password",
    replies: { token: json(401, { details: "incorrect username or password" }) },
  },
  "token-401-errors": {
    door: "bearer",
    credentials: "password",
    replies: {
      token: registryError(401, "UNAUTHORIZED", "authentication required - incorrect username or password"),
    },
  },
  "token-401-html": { door: "bearer", replies: { token: page(401, "401 Authorization Required") } },
  "token-401-identity": {
    door: "bearer",
    credentials: "identity-token",
    replies: { token: json(401, { details: "incorrect username or password" }) },
  },
  "token-400-identity": {
    door: "bearer",
    credentials: "identity-token",
    replies: { token: json(400, { error: "invalid_grant" }) },
  },
  "token-403-errors": { door: "bearer", replies: { token: registryError(403, "DENIED", "denied") } },
  "token-403-html": {
    door: "bearer",
    credentials: "password",
    replies: { token: page(403, "403 Forbidden") },
  },
  "token-429": { door: "bearer", replies: { token: tooMany } },
  "token-500-json": {
    door: "bearer",
    replies: { token: json(500, { errors: [{ code: "UNKNOWN", message: "no" }] }) },
  },
  "token-503-plain": { door: "bearer", replies: { token: unavailable } },
  "token-reset": { door: "bearer", replies: { token: "reset" } },
  "token-html": { door: "bearer", replies: { token: page(200, "Welcome") } },
  "token-missing": { door: "bearer", replies: { token: json(200, {}) } },
  "token-not-enough": {
    door: "bearer",
    credentials: "password",
    replies: { token: json(200, { token: "a-token", access_token: "a-token", expires_in: 300 }) },
  },
  "token-none-denied": {
    door: "bearer",
    replies: {
      token: json(200, { token: "a-token", access_token: "a-token", expires_in: 300 }),
      manifest: denied,
    },
  },
  // Passwords.
  "basic-without": { door: "basic" },
  "basic-wrong": { door: "basic", credentials: "password" },
  // Connections.
  refused: { door: "refused" },
  "unknown-host": { door: "unknown" },
  reset: { door: "reset" },
  end: { door: "end" },
  silence: { door: "silence" },
  "tls-unknown-authority": { door: "tls" },
};
