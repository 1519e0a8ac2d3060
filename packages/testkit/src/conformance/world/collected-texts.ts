import { inspect } from "node:util";
import type { Log } from "@molecule/core";

/** What a source said, up to a bound: a flood is not kept. */
export interface CollectedTexts {
  readonly hear: (text: string) => void;
  readonly log: Log;
  /** Everything together. */
  all(): string;
}

const maxCharacters = 1024 * 1024;

export function collectTexts(): CollectedTexts {
  const texts: string[] = [];
  let characters = 0;
  const hear = (text: string): void => {
    characters += text.length;
    if (characters <= maxCharacters) texts.push(text);
  };
  const line = (message: string, fields?: Readonly<Record<string, unknown>>): void => {
    hear(`${message} ${fields === undefined ? "" : shown(fields)}`);
  };
  return { hear, log: { debug: line, info: line, warn: line, error: line }, all: () => texts.join("\n") };
}

/** Everything in it, causes and hidden members included. */
export function shown(value: unknown): string {
  return inspect(value, {
    depth: 12,
    showHidden: true,
    maxStringLength: null,
    maxArrayLength: null,
    breakLength: Infinity,
  });
}
