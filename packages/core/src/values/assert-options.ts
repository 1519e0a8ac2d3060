import { configInvalid } from "../errors/error-table.js";
import { typeFaults, type OptionTypes } from "./type-faults.js";

/** Throws `CONFIG_INVALID` for an option that does not exist or has another type, for callers without types. */
export function assertOptions<T extends object>(options: T, types: OptionTypes<T>): void {
  const [fault] = typeFaults(options, types);
  if (fault !== undefined) throw configInvalid(fault, "Correct the options of the call.");
}
