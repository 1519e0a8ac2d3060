import { closestMatch, type ImageSourceError } from "@molecule/core";
import type { Command, CommanderError } from "commander";
import { usage } from "./usage.js";

/** Converts a commander error to `USAGE`, with the closest match as the hint. */
export function usageFailure({ code, message }: CommanderError, program: Command): ImageSourceError {
  if (code === "commander.help") return usage("no command was given");
  const reason = message.replace(/^error: /, "").replaceAll("\n", " ");
  const [, word = ""] = /'([^']*)'/.exec(reason) ?? [];
  const likely = closestMatch(word, likelyFor(code, program));
  return likely === undefined
    ? usage(reason)
    : usage(reason, `Did you mean ${likely}? See molecule-image --help.`);
}

function likelyFor(code: string, program: Command): string[] {
  if (code === "commander.unknownCommand") return program.commands.map((command) => command.name());
  // commander does not report which command it was parsing.
  if (code === "commander.unknownOption") {
    return [program, ...program.commands].flatMap(({ options }) => options.map(({ long }) => long ?? ""));
  }
  return [];
}
