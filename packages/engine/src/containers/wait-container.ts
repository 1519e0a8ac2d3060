import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { EngineCall } from "@molecule/core";
import { containerFailure, containerPath, isRefusal, shownContainer } from "./container-failure.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { responseNotUnderstood } from "../connection/engine-errors.js";
import { fieldsOf, numberOf } from "../connection/json-fields.js";
import { readMessages } from "../connection/message-stream.js";

/** Polling interval for Podman. */
const lookMs = 500;

/** Waits for containers to exit. */
export interface ContainerWaits {
  /**
   * Resolves when the container has exited: with its first exit if called before the start, immediately if it has
   * already exited. A failed start does not end the wait; abort the signal instead.
   */
  wait(id: string, call: EngineCall): Promise<{ readonly exitCode: number }>;
  /** Resolves when the engine has registered all waits for the container so far. */
  begun(id: string): Promise<void>;
}

/**
 * The engine's `next-exit` misses an exit that came before it, and its other conditions treat a container that was
 * never started as exited. So request `next-exit` first, and inspect the state once the engine has registered it.
 */
export function createContainerWaits(connection: EngineConnection): ContainerWaits {
  const begun = new Map<string, Promise<unknown>>();

  const wait: ContainerWaits["wait"] = async (id, { signal }) => {
    const found = new AbortController();
    const ends = signal === undefined ? found.signal : AbortSignal.any([signal, found.signal]);
    const path = `${containerPath(id)}/wait`;
    const opening = connection.open({
      method: "POST",
      path,
      query: { condition: "next-exit" },
      signal: ends,
    });
    const settled = opening.then(
      () => undefined,
      () => undefined,
    );
    begun.set(id, Promise.all([begun.get(id), settled]));
    try {
      const response = await opening;
      const earlier = await exitCodeOf(connection, id, signal);
      if (typeof earlier === "number") return { exitCode: earlier };
      const reported = readReportedExit(response, connection);
      // Measured on 4.3.1: it responds before it waits, and never reports an exit in between.
      const exit = connection.kind === "podman" ? [reported, pollExit(connection, id, ends)] : [reported];
      return { exitCode: await Promise.race(exit) };
    } catch (error) {
      const action = `wait for ${shownContainer(id)}`;
      throw containerFailure(connection.explain(error, { signal }), action, connection.address);
    } finally {
      found.abort();
      begun.delete(id);
    }
  };
  return {
    wait,
    begun: async (id) => {
      await begun.get(id);
    },
  };
}

async function readReportedExit(response: IncomingMessage, { address }: EngineConnection): Promise<number> {
  for await (const message of readMessages(response, address)) return numberOf(fieldsOf(message).StatusCode);
  throw responseNotUnderstood(address, "a wait without an exit code");
}

async function pollExit(connection: EngineConnection, id: string, signal: AbortSignal): Promise<number> {
  let before: unknown;
  for (;;) {
    await sleep(lookMs, undefined, { signal });
    const state = await exitCodeOf(connection, id, signal);
    if (typeof state === "number") return state;
    // A reported exit has had one polling interval to arrive.
    if (state === "gone" && before === "gone") throw responseNotUnderstood(connection.address, removed(id));
    before = state;
  }
}

const removed = (id: string): string => `the container ${id} is gone, and its exit code is unknown`;

/**
 * Undefined unless the container has run and exited. One with auto-remove may be gone; the wait for its exit started
 * earlier.
 */
async function exitCodeOf(
  connection: EngineConnection,
  id: string,
  signal: AbortSignal | undefined,
): Promise<number | "gone" | undefined> {
  try {
    const response = await connection.ask({ method: "GET", path: `${containerPath(id)}/json`, signal });
    const { Status, ExitCode } = fieldsOf(fieldsOf(response).State);
    return Status === "exited" || Status === "dead" ? numberOf(ExitCode) : undefined;
  } catch (error) {
    if (isRefusal(error, 404)) return "gone";
    throw error;
  }
}
