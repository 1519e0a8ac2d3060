import { typeFaults } from "@molecule/core";
import { usage } from "./container-error.js";

type OptionTypes<T extends object> = Parameters<typeof typeFaults<T>>[1];

/** Throws `USAGE` for an option that does not exist or has another type, for callers without types. */
export function assertOptions<T extends object>(options: T, types: OptionTypes<T>): void {
  const [fault] = typeFaults(options, types);
  if (fault !== undefined) throw usage(fault, "Correct the options of the call.");
}

/** Throws `USAGE` unless the command is a list of strings: engines take no shell command. */
export function assertCommand(command: unknown): void {
  if (Array.isArray(command) && command.length > 0 && command.every((word) => typeof word === "string"))
    return;
  throw usage(
    "the command must be a list of strings",
    'Pass the program and its arguments, such as ["/bin/sh", "-c", "ls /"].',
  );
}
