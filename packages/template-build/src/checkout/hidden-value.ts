import { inspect } from "node:util";

/**
 * An environment value that a child gets in full and a debug print does not: with `DEBUG=*` simple-git prints the
 * whole environment of the processes it starts. The conversion to text, which starting a process does, reveals it.
 */
export function hiddenValue(value: string): string {
  const hidden = { toString: () => value, [inspect.custom]: () => "***" };
  // Node accepts anything that converts to text here; the types know only texts.
  return hidden as unknown as string;
}
