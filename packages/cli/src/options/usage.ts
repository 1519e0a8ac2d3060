import { closestMatch, ImageSourceError } from "@molecule/core";
import type { Command } from "commander";

/** Returns a `USAGE` error. */
export function usage(message: string, hint: string): ImageSourceError {
  return new ImageSourceError({ code: "USAGE", message, hint });
}

/** Returns the hint to read the command's help, after the closest candidate, if one is close. */
export function seeHelp(command: Command, word = "", candidates: readonly string[] = []): string {
  const likely = closestMatch(word, candidates);
  const name = [command.parent, command].flatMap((one) => one?.name() ?? []).join(" ");
  return `${likely === undefined ? "" : `Did you mean ${likely}? `}Run ${name} --help.`;
}
