import { inspect } from "node:util";
import type { Log } from "@molecule/core";

/** The texts that a source emitted, up to a limit: a flood is not stored. */
export interface CollectedTexts {
  readonly hear: (text: string) => void;
  readonly log: Log;
  /** All texts, joined. */
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

/** Every text in the value, including causes and hidden members. */
export function shown(value: unknown): string {
  return inspect(value, {
    depth: 12,
    showHidden: true,
    maxStringLength: null,
    maxArrayLength: null,
    breakLength: Infinity,
  });
}
