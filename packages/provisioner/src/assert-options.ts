import { typeFaults, type OptionTypes } from "@molecule/core";
import { usage } from "./container-error.js";

/** Throws `USAGE` for an option that does not exist or has another type, for callers without types. */
export function assertOptions<T extends object>(options: T, types: OptionTypes<T>): void {
  const [fault] = typeFaults(options, types);
  if (fault !== undefined) throw usage(fault, "Correct the options of the call.");
}

/** Throws `USAGE` unless the container is a name, an ID, or an object with an ID. Callers may be JavaScript. */
export function assertContainer(container: unknown): void {
  const isObject = typeof container === "object" && container !== null;
  const id: unknown = isObject && "id" in container ? container.id : container;
  if (typeof id === "string" && id !== "") return;
  throw usage(
    "the container must be a name, an ID or an object with an `id`",
    "Pass a name, an ID, or a container that `start` or `listContainers` returned.",
  );
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
