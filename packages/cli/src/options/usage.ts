import { ImageSourceError } from "@molecule/core";
import type { Command } from "commander";

/** Returns a `USAGE` error. */
export function usage(message: string, hint: string): ImageSourceError {
  return new ImageSourceError({ code: "USAGE", message, hint });
}

/** Returns the hint to read the command's help, after the likely meaning, if there is one. */
export function seeHelp(command: Command, likely?: string): string {
  const name = [command.parent, command].flatMap((one) => one?.name() ?? []).join(" ");
  return `${likely === undefined ? "" : `Did you mean ${likely}? `}Run ${name} --help.`;
}
