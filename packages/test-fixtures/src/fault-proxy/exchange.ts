import type { ConnectionFault, Direction } from "./fault-proxy.js";

/** Handles a chunk of bytes. */
export interface Passage {
  /** How many of them to forward. */
  readonly length: number;
  /** Whether to close the connection after them. */
  readonly cut: boolean;
  /** Undefined: no limit. */
  readonly bytesPerSecond: number | undefined;
}

export const noFault = { none: true } as const;

/** One exchange and its fault: decides what is forwarded. */
export class Exchange {
  readonly #passed: Record<Direction, number> = { request: 0, response: 0 };

  constructor(private readonly fault: ConnectionFault | typeof noFault) {}

  /** Whether the client is left waiting for a response that never comes. */
  get isSilent(): boolean {
    return "hang" in this.fault || "stall" in this.fault;
  }

  passage(direction: Direction, length: number): Passage {
    const { fault } = this;
    const bound = "hang" in fault ? 0 : this.#boundOf(direction);
    const passed = this.#passed[direction];
    this.#passed[direction] += length;
    if (passed + length >= bound)
      return { length: Math.max(0, bound - passed), cut: "cut" in fault, bytesPerSecond: undefined };
    const isSlow = "slow" in fault && (fault.slow.of ?? "response") === direction;
    return { length, cut: false, bytesPerSecond: isSlow ? fault.slow.bytesPerSecond : undefined };
  }

  #boundOf(direction: Direction): number {
    const { fault } = this;
    const bounded = "cut" in fault ? fault.cut : "stall" in fault ? fault.stall : undefined;
    return bounded !== undefined && (bounded.of ?? "response") === direction ? bounded.after : Infinity;
  }
}
