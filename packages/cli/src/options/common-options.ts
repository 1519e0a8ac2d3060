import { Option, type Command } from "commander";
import { choiceParser } from "./choice-parser.js";

const logLevels = ["error", "warn", "info", "debug"] as const;
const logFormats = ["text", "json"] as const;
const progressKinds = ["auto", "tty", "plain", "json", "none"] as const;

/** The options that every command accepts. */
export interface CommonOptions {
  readonly json?: true;
  readonly config?: string;
  readonly cwd?: string;
  readonly platform?: string;
  /** Of the commands that build templates: `RUNTIME=DIR`. */
  readonly template?: readonly string[];
  /** Of the commands that pull or build images: the file for the timeline. */
  readonly trace?: string;
  readonly logLevel?: (typeof logLevels)[number];
  readonly logFormat?: (typeof logFormats)[number];
  readonly progress?: (typeof progressKinds)[number];
  readonly quiet?: true;
}

/** The heading of these options in the help. */
export const commonHeading = "Common options:";

function choice(flags: string, description: string, allowed: readonly string[]): Option {
  const [name = ""] = flags.split(" ");
  return new Option(flags, description).choices(allowed).argParser(choiceParser(name, allowed));
}

// Created once: parsing the flags for each command would add milliseconds to every start.
const commonOptions: readonly Option[] = [
  new Option("--json", "print the result as JSON"),
  new Option("--config <file>", "use this configuration file instead of searching for one"),
  new Option("--cwd <dir>", "search for the configuration from this directory upwards"),
  new Option("--platform <os/arch>", "build, pull and run for this platform, or native"),
  choice("--log-level <level>", "set the log level on stderr (default: warn)", logLevels),
  choice("--log-format <format>", "set the log format (default: json with --json, else text)", logFormats),
  choice("--progress <kind>", "set the progress style on stderr (default: auto)", progressKinds),
  new Option("--quiet", "hide progress and log only errors"),
];

const helpOption = new Option("-h, --help", "show this help").helpGroup(commonHeading);

/** Adds the common options and `--help`, below the command's own in its help. */
export function withCommonOptions(command: Command): Command {
  for (const option of commonOptions) command.addOption(option.helpGroup(commonHeading));
  return command.addHelpOption(helpOption);
}
