import type { Command, Option } from "commander";

/** A partial command line, parsed up to the cursor. */
export interface Words {
  /** Undefined if no command has that name. */
  readonly command: Command | undefined;
  /** The option whose value is being typed. */
  readonly valueOf: Option | undefined;
  /** The part of the last word to complete; `prefix` is the text before it in the same word (`--progress=`). */
  readonly current: string;
  readonly prefix: string;
  readonly operands: readonly string[];
  /** Whether `--` was written, so that no options follow. */
  readonly onlyOperands: boolean;
  /** The values of options, by their long names. */
  readonly values: ReadonlyMap<string, string>;
}

/**
 * Parses a partial command line.
 * @param written the words after the program's name; the last one is being typed and may be empty
 */
export function readWords(program: Command, written: readonly string[]): Words {
  const before = joined(written);
  const last = before.pop() ?? "";
  let command: Command | undefined = program;
  let valueOf: Option | undefined;
  let onlyOperands = false;
  const operands: string[] = [];
  const values = new Map<string, string>();

  for (const word of before) {
    if (valueOf !== undefined) {
      values.set(valueOf.long ?? "", word);
      valueOf = undefined;
    } else if (word === "--" && !onlyOperands) onlyOperands = true;
    else if (word.startsWith("-") && !onlyOperands) {
      const [long = "", ...value] = word.split("=");
      const option = optionOf(command, long);
      if (value.length > 0) values.set(long, value.join("="));
      else if (option?.required === true) valueOf = option;
    } else if (command === program && word !== "help")
      command = program.commands.find((one) => one.name() === word);
    else if (command !== program) operands.push(word);
  }

  const [, long = "", value = ""] = /^(--[^=]+)=(.*)$/s.exec(last) ?? [];
  const option = onlyOperands || valueOf !== undefined ? undefined : optionOf(command, long);
  const split =
    option?.required === true ? { prefix: `${long}=`, current: value } : { prefix: "", current: last };
  return {
    command,
    valueOf: valueOf ?? (split.prefix === "" ? undefined : option),
    ...split,
    operands,
    onlyOperands,
    values,
  };
}

/**
 * Removes the `=` words of bash, which splits `--progress=plain` and `hermes=DIR` into three words and replaces the last one:
 * the value of an option becomes a word of its own, and other words are joined again.
 */
function joined(written: readonly string[]): string[] {
  const words: string[] = [];
  for (const [index, word] of written.entries()) {
    const [before = "", last = ""] = [written[index - 2], written[index - 1]];
    if (word === "=" && last.startsWith("--")) {
      if (index === written.length - 1) words.push("");
    } else if (word === "=" && index > 0) words.push(`${words.pop() ?? ""}=`);
    else if (last === "=" && index > 1 && !before.startsWith("--")) words.push(`${words.pop() ?? ""}${word}`);
    else words.push(word);
  }
  return words;
}

function optionOf(command: Command | undefined, long: string): Option | undefined {
  return command?.options.find((option) => option.long === long || option.short === long);
}
