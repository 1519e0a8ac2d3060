import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { setMaxListeners } from "node:events";
import { addAbortSignal, type Duplex, type Readable } from "node:stream";
import { cancelled, isImageSourceError, type EngineIdentity } from "@molecule/core";
import { startRequestLimits } from "@molecule/node-edges";
import { accessRefusal } from "./access-refusal.js";
import { cancellation, hasLeft } from "./cancellation.js";
import type { EngineEndpoint } from "./engine-endpoint.js";
import { responseNotUnderstood, EngineRefusal, engineSilent, engineUnreachable } from "./engine-errors.js";
import { createEngineSender, type EngineRequest } from "./engine-request.js";
import { fieldsOf, textOf } from "./json-fields.js";
import type { EngineLog } from "./log-once.js";
import { isExposed, warnOfExposure } from "./exposed-endpoint.js";

/**
 * A connection to an engine. Responses that are read as a whole have an idle timeout; the caller must bound streaming
 * ones. Rejects with `ENGINE_UNAVAILABLE` if the engine cannot be reached or understood, with `CANCELLED` (or the
 * signal's own reason) if the signal aborts, and with an {@link EngineRefusal} for any status of 300 or higher.
 */
export interface EngineConnection {
  readonly address: string;
  /** Whether it crosses a network without verified TLS. */
  readonly isExposed: boolean;
  /** The kind of engine, as far as earlier responses revealed it. */
  readonly kind: EngineIdentity["kind"] | undefined;
  /** Undefined if logging is off. */
  readonly log: EngineLog | undefined;
  /** Returns the parsed response body; undefined if it is empty. */
  ask(request: EngineRequest): Promise<unknown>;
  /** Returns the headers of a response without a body. */
  head(request: EngineRequest): Promise<IncomingHttpHeaders>;
  /** Returns a streaming response: its headers have arrived, its body is still to be read. */
  open(request: EngineRequest): Promise<IncomingMessage>;
  /** Returns the connection after the engine has switched protocols. */
  upgrade(request: EngineRequest): Promise<Duplex>;
  /** Returns the typed error for a failure while reading an opened response. */
  explain(error: unknown, request: Pick<EngineRequest, "signal" | "repeatable">): unknown;
  /** Ends open responses and upgraded connections with `CANCELLED`, and closes idle connections. */
  close(): void;
}

const maxResponseBytes = 32 * 1024 * 1024;
const defaultSilenceMs = 30_000;
/** Node fires a timer with a longer delay immediately. */
const maxTimerMs = 2 ** 31 - 1;

export interface ConnectionOptions {
  /** Idle timeout of a request that causes the engine no work. Default: 30 s. */
  readonly silenceMs?: number | undefined;
  readonly log?: EngineLog | undefined;
}

/** Creates a connection. Sends no request yet. */
export async function connectEngine(
  endpoint: EngineEndpoint,
  { silenceMs = defaultSilenceMs, log }: ConnectionOptions = {},
): Promise<EngineConnection> {
  const { address } = endpoint;
  warnOfExposure(endpoint, log);
  const sender = await createEngineSender(endpoint);
  const closing = new AbortController();
  // Each open response adds a listener.
  setMaxListeners(0, closing.signal);
  let kind: EngineIdentity["kind"] | undefined;

  const explain: EngineConnection["explain"] = (error, { signal, repeatable = false }) => {
    if (hasLeft(signal)) return cancellation(signal);
    // A client that is used again after `close` gets the engine's refusals as before.
    if (isImageSourceError(error) || error instanceof EngineRefusal) return error;
    if (closing.signal.aborted) return cancelled();
    return engineUnreachable(address, error, { repeatable, namedBy: endpoint.namedBy });
  };
  const accepted = async (
    response: IncomingMessage,
    { method, path }: Pick<EngineRequest, "method" | "path">,
  ): Promise<IncomingMessage> => {
    const server = String(response.headers.server ?? "");
    if (/^(?:docker|libpod)\b/i.test(server)) kind = /^libpod/i.test(server) ? "podman" : "docker";
    const status = response.statusCode ?? 0;
    if (status < 300) return response;
    const body = await readText(response, address);
    throw (
      accessRefusal({ address, method, path, status, body }) ?? new EngineRefusal(status, refusalText(body))
    );
  };
  const translated = async <T>(request: EngineRequest, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      // A failure of what was to be sent is not one of the engine.
      const failure = request.stream?.errored === error ? error : undefined;
      throw failure ?? explain(error, { repeatable: request.method === "GET", ...request });
    }
  };
  const untilClosed = (request: EngineRequest): EngineRequest => {
    if (closing.signal.aborted) return request;
    const signals = request.signal === undefined ? [] : [request.signal];
    return { ...request, signal: AbortSignal.any([...signals, closing.signal]) };
  };

  const text = (request: EngineRequest) =>
    translated(request, async () => {
      const boundMs = Math.min(silenceMs + (request.workMs ?? 0), maxTimerMs);
      const limits = startRequestLimits({ idleMs: boundMs, signal: request.signal });
      // An upload is not idle while the engine takes more of it.
      request.stream?.on("data", limits.touch);
      try {
        const { signal } = limits;
        const response = await accepted(await sender.send({ ...request, signal }), request);
        return { headers: response.headers, body: await readText(response, address, limits.touch) };
      } catch (error) {
        throw limits.reached === "idle" ? engineSilent(address, boundMs) : error;
      } finally {
        request.stream?.off("data", limits.touch);
        limits.stop();
      }
    });
  return {
    address,
    isExposed: isExposed(endpoint),
    log,
    get kind() {
      return kind;
    },
    ask: async (request) => parsed((await text(request)).body, address),
    head: async (request) => (await text(request)).headers,
    open: (request) =>
      translated(request, async () => accepted(await sender.send(untilClosed(request)), request)),
    upgrade: (request) =>
      translated(request, async () => {
        const response = await sender.upgrade(untilClosed(request));
        // The signal no longer applies to the request, which has completed.
        if (!("headers" in response)) return addAbortSignal(closing.signal, response);
        await accepted(response, request);
        response.destroy();
        throw responseNotUnderstood(address, `${request.path} does not switch protocols`);
      }),
    explain,
    close: () => {
      closing.abort(cancelled());
      sender.close();
    },
  };
}

async function readText(
  response: Readable,
  address: string,
  touch: () => void = () => undefined,
): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    touch();
    bytes += chunk.length;
    if (bytes > maxResponseBytes)
      throw responseNotUnderstood(address, `more than ${String(maxResponseBytes)} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parsed(body: string, address: string): unknown {
  if (body.trim() === "") return undefined;
  try {
    return JSON.parse(body);
  } catch (error) {
    throw responseNotUnderstood(address, "no JSON", error);
  }
}

/** Engines wrap their text in `{"message"}`, and Podman's push in `{"errorDetail"}`; a proxy's text is used as is. */
function refusalText(body: string): string {
  try {
    const { message, errorDetail } = fieldsOf(JSON.parse(body));
    const text = textOf(message) || textOf(fieldsOf(errorDetail).message);
    return text === "" ? body.trim() : text;
  } catch {
    return body.trim();
  }
}
