import { ImageSourceError, oneLine, resourceExhausted, type FailedBuilder } from "@molecule/core";
import { systemErrorText } from "@molecule/node-edges";
import { fieldsOf, textOf } from "./json-fields.js";

/* The failures that any engine request can have. Errors of a single call are defined next to that call. */

/** An error response. Each call decides what it means. */
export class EngineRefusal extends Error {
  override readonly name = "EngineRefusal";

  constructor(
    readonly status: number,
    /** The engine's error text, verbatim. */
    readonly text: string,
  ) {
    super(`${String(status)}: ${text}`);
  }
}

export interface Unreachable {
  /** Whether the request may be retried. */
  readonly repeatable: boolean;
  /** The variable or key that names the engine, if it is not the docker CLI's. */
  readonly namedBy: string | undefined;
}

/**
 * Returns the error for a connection that failed or broke. A broken one may be temporary; an engine that is not
 * listening does not come back by waiting.
 */
export function engineUnreachable(
  address: string,
  cause: unknown,
  { repeatable, namedBy }: Unreachable,
): ImageSourceError {
  const code = textOf(fieldsOf(cause).code);
  // `socket hang up` and `aborted` have the code ECONNRESET.
  if (code === "ECONNRESET" || code === "EPIPE") {
    return unavailable(
      `the connection to the container engine at ${address} broke: ${code}`,
      "Retry; if the error persists, check the engine's log: it may have crashed or been restarted.",
      cause,
    ).with({ transient: repeatable ? {} : undefined });
  }
  const exhausted = resourceExhausted(`the container engine at ${address} cannot be reached`, cause);
  if (exhausted !== undefined) return exhausted;
  const refused = code === "EACCES" || code === "EPERM";
  const text =
    code === "" ? oneLine(textOf(fieldsOf(cause).message) || String(cause)) : systemErrorText(code);
  const why = refused ? `permission denied (${code})` : text;
  const hint = refused ? accessHint(namedBy) : startHint(namedBy);
  return unavailable(`the container engine at ${address} cannot be reached: ${why}`, hint, cause);
}

/** Returns the error for an engine that accepted the connection but does not respond. */
export function engineSilent(address: string, silentMs: number): ImageSourceError {
  return unavailable(
    `the container engine at ${address} has not responded for ${String(silentMs / 1000)} s`,
    "Check the engine's log, and restart it if it hangs.",
    undefined,
  );
}

function accessHint(namedBy: string | undefined): string {
  return namedBy === "CONTAINER_HOST"
    ? "Run `systemctl --user enable --now podman.socket`, or set CONTAINER_HOST to a socket that you may use."
    : `Run \`sudo usermod -aG docker $USER\` (or the group that owns the socket) and log in again, or set ${namedBy ?? "DOCKER_HOST"}.`;
}

function startHint(namedBy: string | undefined): string {
  return namedBy === undefined
    ? "Start Docker, or set DOCKER_HOST to the address of the engine to use."
    : `Start the engine (Podman: \`systemctl --user enable --now podman.socket\`), or name another one with ${namedBy}.`;
}

/** Returns the error for a server that does not respond like a container engine. */
export function responseNotUnderstood(address: string, why: string, cause?: unknown): ImageSourceError {
  return unavailable(
    `the container engine at ${address} sent a response that cannot be understood: ${why}`,
    "Check that a Docker or Podman engine listens there and that no proxy rewrites its responses.",
    cause,
  );
}

/** Returns the error for a refusal without a more specific meaning. */
export function engineRefused(address: string, refusal: EngineRefusal): ImageSourceError {
  return (
    engineFull(address, refusal.text, refusal) ??
    unavailable(
      `the container engine at ${address} returned status ${String(refusal.status)}: ${oneLine(refusal.text)}`,
      "Check the engine's log; `docker info` shows its state.",
      refusal,
    )
  );
}

/**
 * Returns undefined unless the text says that the engine's disk is full: the message of ENOSPC, whichever component
 * wrote it.
 */
export function engineFull(address: string, text: string, cause?: unknown): ImageSourceError | undefined {
  if (!text.includes("no space left on device")) return undefined;
  return new ImageSourceError({
    code: "STORAGE_UNUSABLE",
    message: `the storage of the container engine at ${address} is full: ${oneLine(text)}`,
    hint: "Free space on the engine's disk, for example with `docker system prune`.",
    cause,
  });
}

/** Describes an engine whose build failed. */
export function failedEngine(address: string): FailedBuilder {
  return {
    name: `the container engine at ${address}`,
    runHint:
      "Check the engine's log and its OCI runtime (runc or crun): any container should fail the same way.",
    full: (text, cause) => engineFull(address, text, cause),
  };
}

function unavailable(message: string, hint: string, cause: unknown): ImageSourceError {
  return new ImageSourceError({ code: "ENGINE_UNAVAILABLE", message, hint, cause });
}
