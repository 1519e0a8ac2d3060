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

export function withCommonOptions(command: Command): Command {
  return command
    .option("--json", "print the result as JSON")
    .option("--config <file>", "use this configuration file instead of searching one")
    .option("--cwd <dir>", "search the configuration from this directory upwards")
    .option("--platform <os/arch>", "build, pull and run for this platform")
    .addOption(new Option("--log-level <level>", "what to log to stderr (default: warn)").choices(logLevels))
    .addOption(
      new Option("--progress <kind>", "how to show progress on stderr (default: auto)").choices(
        progressKinds,
      ),
    )
    .option("--quiet", "no progress; log errors only");
}
