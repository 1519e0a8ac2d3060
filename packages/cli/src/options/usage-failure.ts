import { closestMatch, type ImageSourceError } from "@molecule/core";
import type { Command, CommanderError } from "commander";
import { usage } from "./usage.js";

/** What commander has against the arguments, as an error of ours that names what was likely meant. */
export function usageFailure({ code, message }: CommanderError, program: Command): ImageSourceError {
  if (code === "commander.help") return usage("no command was given");
  const what = message.replace(/^error: /, "").replaceAll("\n", " ");
  const [, word = ""] = /'([^']*)'/.exec(what) ?? [];
  const likely = closestMatch(word, likelyFor(code, program));
  return likely === undefined
    ? usage(what)
    : usage(what, `Did you mean ${likely}? See molecule-image --help.`);
}

function likelyFor(code: string, program: Command): string[] {
  if (code === "commander.unknownCommand") return program.commands.map((command) => command.name());
  // Which command it was, commander does not say.
  if (code === "commander.unknownOption") {
    return [program, ...program.commands].flatMap(({ options }) => options.map(({ long }) => long ?? ""));
  }
  return [];
}
