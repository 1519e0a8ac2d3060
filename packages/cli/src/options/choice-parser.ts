import { usage } from "./usage.js";

/** Returns a parser of values that are one of these. It throws `USAGE` with the allowed values. */
export function choiceParser(subject: string, allowed: readonly string[]): (written: string) => string {
  return (written) => {
    if (allowed.includes(written)) return written;
    throw usage(
      `${subject} ${JSON.stringify(written)} is not supported`,
      `Use ${allowed.slice(0, -1).join(", ")} or ${allowed.at(-1) ?? ""}.`,
    );
  };
}
