import { closestMatch, shippedRuntimes, type ImageSourceError } from "@molecule/core";
import type { Command, CommanderError } from "commander";
import { seeHelp, usage } from "./usage.js";

/** Converts a commander error of this command to `USAGE`, with the closest match and the command's help as the hint. */
export function usageFailure({ code, message }: CommanderError, command: Command): ImageSourceError {
  if (code === "commander.excessArguments") {
    const extra = command.args[command.registeredArguments.length] ?? "";
    return usage(`unexpected argument ${JSON.stringify(extra)}`, seeHelp(command));
  }
  const reason = message.replace(/^error: /, "").replaceAll("\n", " ");
  const [, word = ""] = /'([^']*)'/.exec(reason) ?? [];
  return usage(reason, seeHelp(command, closestMatch(word, likelyFor(code, command))));
}

/** Returns the failure for a command that does not exist. */
export function unknownCommand(word: string, program: Command): ImageSourceError {
  const names = program.commands.map((command) => command.name());
  const likely = shippedRuntimes.includes(word) ? `ensure ${word}` : closestMatch(word, names);
  return usage(`unknown command '${word}'`, seeHelp(program, likely));
}

function likelyFor(code: string, command: Command): string[] {
  return code === "commander.unknownOption" ? command.options.map(({ long }) => long ?? "") : [];
}
