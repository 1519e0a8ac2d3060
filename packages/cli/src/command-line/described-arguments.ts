import { shippedRuntimes } from "@molecule/core";
import type { Command } from "commander";

const descriptions: Readonly<Record<string, string>> = {
  runtime: `a workspace runtime: ${shippedRuntimes.join(", ")}, or one that the configuration adds`,
  args: "the command to run instead of the image's own",
  file: "a project file (default: the one found by searching)",
};

/** Describes the arguments of a command for its help. */
export function describedArguments(command: Command): Command {
  for (const argument of command.registeredArguments) {
    argument.description = descriptions[argument.name()] ?? "";
  }
  return command;
}
