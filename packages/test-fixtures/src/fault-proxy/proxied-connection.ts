import { once } from "node:events";
import { connect, type NetConnectOpts, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Exchange, noFault } from "./exchange.js";
import type { FaultPlan } from "./fault-plan.js";
import type { Direction, FixedResponse, ProxiedRequest } from "./fault-proxy.js";
import { RequestReader } from "./request-reader.js";

const sliceMs = 50;

/** A client connection and its own connection to the target. */
export class ProxiedConnection {
  readonly #server: Socket;
  readonly #closed = new AbortController();
  #exchange = new Exchange(noFault);
  /** Takes the place of the target. */
  #isAnswered = false;

  constructor(
    private readonly client: Socket,
    private readonly target: NetConnectOpts,
    private readonly plan: FaultPlan,
    private readonly onRequest: (request: ProxiedRequest) => void,
  ) {
    this.#server = connect({ ...target, allowHalfOpen: true });
  }

  /** Resolves when both connections are closed. Never rejects. */
  async run(): Promise<void> {
    const breaks = (): void => {
      this.end();
    };
    this.client.on("error", breaks);
    this.client.once("close", () => this.#server.destroy());
    // A client that already got its response does not need the target any more.
    const serverBreaks = (): void => {
      if (!this.#isAnswered) this.end();
    };
    this.#server.on("error", serverBreaks);
    this.#requests().catch(breaks);
    this.#responses().catch(serverBreaks);
    await Promise.all([closing(this.client), closing(this.#server)]);
    this.#closed.abort();
  }

  /** Closes both connections immediately. */
  end(): void {
    this.#closed.abort();
    this.#server.destroy();
    // Only TCP has resets.
    if ("path" in this.target) this.client.destroy();
    else this.client.resetAndDestroy();
  }

  async #requests(): Promise<void> {
    const reader = new RequestReader();
    for await (const chunk of this.client.iterator({ destroyOnReturn: false })) {
      for (const { bytes, begins } of reader.read(chunk as Buffer)) {
        if (begins !== undefined) await this.#begin(begins);
        await this.#pass("request", bytes, this.#server);
      }
    }
    await this.#pass("request", reader.end(), this.#server);
    if (this.#exchange.isSilent) this.end();
    else this.#server.end();
  }

  async #responses(): Promise<void> {
    for await (const chunk of this.#server.iterator({ destroyOnReturn: false }))
      await this.#pass("response", chunk as Buffer, this.client);
    if (!this.#exchange.isSilent) this.client.end();
  }

  async #begin(begins: ProxiedRequest | "unknown"): Promise<void> {
    if (begins !== "unknown") this.onRequest(begins);
    const fault = this.plan.take(begins) ?? noFault;
    this.#exchange = new Exchange(fault);
    if ("delay" in fault) await sleep(fault.delay.ms, undefined, { signal: this.#closed.signal });
    if ("reset" in fault) this.end();
    if ("garbage" in fault) this.#respond(fault.garbage);
    if ("response" in fault) this.#respond(httpResponse(fault.response));
  }

  /**
   * Reads and drops what the client still sends: unread data would reset the connection before the response
   * arrives.
   */
  #respond(bytes: string | Uint8Array): void {
    this.#isAnswered = true;
    this.client.end(bytes);
  }

  async #pass(direction: Direction, bytes: Buffer, to: Socket): Promise<void> {
    if (this.#isAnswered) return;
    const { length, cut, bytesPerSecond } = this.#exchange.passage(direction, bytes.length);
    const passing = bytes.subarray(0, length);
    if (bytesPerSecond === undefined) await this.#write(passing, to);
    else await this.#writeSlowly(passing, bytesPerSecond, to);
    if (cut) this.end();
  }

  async #writeSlowly(bytes: Buffer, bytesPerSecond: number, to: Socket): Promise<void> {
    const step = Math.max(1, Math.round((bytesPerSecond * sliceMs) / 1000));
    for (let at = 0; at < bytes.length; at += step) {
      const slice = bytes.subarray(at, at + step);
      await this.#write(slice, to);
      await sleep((slice.length / bytesPerSecond) * 1000, undefined, { signal: this.#closed.signal });
    }
  }

  async #write(bytes: Buffer, to: Socket): Promise<void> {
    if (bytes.length === 0 || to.destroyed || to.writableEnded) return;
    if (!to.write(bytes)) await once(to, "drain", { signal: this.#closed.signal });
  }
}

function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else
      socket.once("close", () => {
        resolve();
      });
  });
}

function httpResponse({ status, headers = {}, body = "" }: FixedResponse): string {
  const all = { ...headers, "content-length": String(Buffer.byteLength(body)), connection: "close" };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${String(status)} Fault\r\n${lines.join("")}\r\n${body}`;
}
