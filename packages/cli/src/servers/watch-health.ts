import type { ErrorCode } from "@molecule/core";

/** Whether each watched runtime has its image. */
export interface WatchHealth {
  readonly runtimes: Readonly<Record<string, RuntimeHealth>>;
  /** Whether no runtime is failing. */
  readonly ok: boolean;
  succeeded(runtime: string, reference: string): void;
  failed(runtime: string, error: ErrorCode): void;
}

/** The last outcome for one runtime. */
export interface RuntimeHealth {
  /** The code of the last failure; null after a success, and before the first outcome. */
  readonly error: ErrorCode | null;
  /** The last image; null before the first. */
  readonly reference: string | null;
  /** When {@link error} last changed, as an ISO 8601 time. */
  readonly since: string;
}

export function watchHealth(runtimes: readonly string[]): WatchHealth {
  const now = (): string => new Date().toISOString();
  const states = new Map<string, RuntimeHealth>(
    runtimes.map((runtime) => [runtime, { error: null, reference: null, since: now() }]),
  );
  function record(runtime: string, error: RuntimeHealth["error"], reference?: string): void {
    const before = states.get(runtime);
    if (before === undefined) return;
    states.set(runtime, {
      error,
      reference: reference ?? before.reference,
      since: before.error === error ? before.since : now(),
    });
  }
  return {
    get runtimes() {
      return Object.fromEntries(states);
    },
    get ok() {
      return [...states.values()].every(({ error }) => error === null);
    },
    succeeded: (runtime, reference) => {
      record(runtime, null, reference);
    },
    failed: (runtime, error) => {
      record(runtime, error);
    },
  };
}
