import { Option, type Command } from "commander";

const logLevels = ["error", "warn", "info", "debug"] as const;
const progressKinds = ["auto", "tty", "plain", "json", "none"] as const;

/** What every command takes. */
export interface CommonOptions {
  readonly json?: true;
  readonly config?: string;
  readonly cwd?: string;
  readonly platform?: string;
  readonly logLevel?: (typeof logLevels)[number];
  readonly progress?: (typeof progressKinds)[number];
  readonly quiet?: true;
}

// Made once: to read their flags anew for each command is milliseconds of every start.
const commonOptions: readonly Option[] = [
  new Option("--json", "print the result as JSON"),
  new Option("--config <file>", "use this configuration file"),
  new Option("--cwd <dir>", "search for the configuration from this directory up"),
  new Option("--platform <os/arch>", "build, pull and run for this platform"),
  new Option("--log-level <level>", "what to log to stderr (default: warn)").choices(logLevels),
  new Option("--progress <kind>", "how to show progress on stderr (default: auto)").choices(progressKinds),
  new Option("--quiet", "no progress; log errors only"),
];

export function withCommonOptions(command: Command): Command {
  for (const option of commonOptions) command.addOption(option);
  return command;
}
