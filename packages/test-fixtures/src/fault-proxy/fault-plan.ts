import type { ConnectionFault, ConnectionFaultMatch, ProxiedRequest } from "./fault-proxy.js";

interface Planned extends ConnectionFaultMatch {
  readonly fault: ConnectionFault;
  left: number;
}

/** The faults that are still pending, in the order in which they were planned. */
export class FaultPlan {
  #planned: Planned[] = [];

  add(fault: ConnectionFault, match: ConnectionFaultMatch): void {
    this.#planned.push({ fault, ...match, left: match.times ?? Infinity });
  }

  clear(): void {
    this.#planned = [];
  }

  /** Returns the fault for an exchange that begins. */
  take(begins: ProxiedRequest | "unknown"): ConnectionFault | undefined {
    const found = this.#planned.find((planned) => planned.left > 0 && matches(planned, begins));
    if (found !== undefined) found.left -= 1;
    return found?.fault;
  }
}

function matches({ method, path }: ConnectionFaultMatch, begins: ProxiedRequest | "unknown"): boolean {
  if (begins === "unknown") return method === undefined && path === undefined;
  return (method ?? begins.method) === begins.method && (path?.test(begins.path) ?? true);
}
