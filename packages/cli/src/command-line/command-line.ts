import { Argument, Command, CommanderError } from "commander";
import { withCommonOptions, type CommonOptions } from "../options/common-options.js";
import { ensureCommand, refreshCommand } from "../commands/ensure-command.js";
import { completionCommand } from "../commands/completion-command.js";
import { configCommand } from "../commands/config-command.js";
import { doctorCommand } from "../commands/doctor-command.js";
import { listCommand } from "../commands/list-command.js";
import { planCommand } from "../commands/plan-command.js";
import { pruneCommand, type PruneOptions } from "../commands/prune-command.js";
import { runCommand, type RunOptions } from "../commands/run-command.js";
import { sourcesCommand } from "../commands/sources-command.js";
import { trustCommand } from "../commands/trust-command.js";
import { shells } from "../completion/shell-scripts.js";
import { examplesOf, firstSteps } from "./examples.js";
import { watchCommand } from "../commands/watch-command.js";
import type { Terminal } from "../terminal/terminal.js";
import { usage } from "../options/usage.js";
import { usageFailure } from "../options/usage-failure.js";

/** For an option that may stand more than once. */
function collect(entry: string, before: string[] | undefined): string[] {
  return [...(before ?? []), entry];
}

type Handler = (operands: string[], options: CommonOptions, terminal: Terminal) => Promise<number>;

/** What the arguments ask for. Nothing is done before `run`. */
export interface Invocation {
  readonly options: CommonOptions;
  /** Whether a failure before a result has `"results":[]` beside it. */
  readonly hasResults: boolean;
  run(terminal: Terminal): Promise<number>;
}

/** Every command with its options; one that is asked for is told, and not run. */
export function createProgram(onInvocation: (invocation: Invocation) => void): Command {
  const program = withCommonOptions(new Command("molecule-image"))
    .description(
      "Ready container images for workspace runtimes, pulled or built from the template's exact commit.",
    )
    .enablePositionalOptions()
    .showSuggestionAfterError(false)
    .addHelpText("after", firstSteps)
    .exitOverride();

  function add(signature: string, description: string, handler: Handler, hasResults = false): Command {
    const command = withCommonOptions(program.command(signature)).description(description);
    command.addHelpText("after", () => examplesOf(command.name()));
    return command.action(() => {
      const options = command.optsWithGlobals<CommonOptions>();
      const operands = command.args;
      onInvocation({ options, hasResults, run: (terminal) => handler(operands, options, terminal) });
    });
  }

  add("ensure <runtime...>", "pull or build images; print one reference per line", ensureCommand, true);
  add("plan <runtime...>", "show what ensure would do, without doing it", planCommand, true);
  add("refresh <runtime...>", "like ensure, but always pull or rebuild", refreshCommand, true);
  add(
    "run <runtime> [args...]",
    "ensure the image and run a container from it",
    ([runtime = "", ...args], options, terminal) =>
      runCommand(runtime, args, options as RunOptions, terminal),
  )
    .option("--name <name>", "name the container")
    .option("--env <K[=V]>", "set a variable in the container", collect)
    .option("-i, --interactive", "pass stdin to the container")
    .option("-t, --tty", "allocate a terminal for the container")
    .option("--rm", "remove the container when it exits")
    .option("--detach", "start in the background and print its name");
  add("list", "list the images built or pulled here", (_operands, options, terminal) =>
    listCommand(options, terminal),
  );
  add("prune", "remove old builds and checkouts, never one in use", (_operands, options, terminal) =>
    pruneCommand(options as PruneOptions, terminal),
  )
    .option("--keep <n>", "images of each runtime to keep (default: 3)")
    .option("--max-bytes <size>", "maximum total size to keep, such as 20GB (default: no limit)")
    .option("--dry-run", "print what would be removed, and remove nothing")
    .option("--force", "remove without asking");
  add("doctor [runtime...]", "check the setup and suggest fixes", doctorCommand);
  add("config", "print the effective configuration and its origins", (_operands, options, terminal) =>
    configCommand(options, terminal),
  );
  add("sources", "list sources and show which one is selected, and why", (_operands, options, terminal) =>
    sourcesCommand(options, terminal),
  );
  add("trust [file]", "trust a project file and the plugin files it names", trustCommand);
  add("watch <runtime...>", "poll templates for new commits and build in advance", watchCommand).option(
    "--every <duration>",
    "polling interval, such as 30s, 5m or 1h (default: 5m)",
  );
  add("completion", "print the completion script for a shell", ([shell = ""], _options, terminal) =>
    completionCommand(shell, terminal),
  ).addArgument(new Argument("<shell>").choices(shells));
  return program;
}

/** Throws `USAGE`; answers a text to print for `--help` and `--version`. */
export function parseCommandLine(argv: readonly string[], version: string): Invocation | string {
  let invocation: Invocation | undefined;
  let text = "";
  const program = createProgram((asked) => {
    invocation = asked;
  }).version(version, "--version");
  for (const command of [program, ...program.commands]) {
    command.configureOutput({ writeOut: (out) => (text += out), writeErr: () => undefined });
  }
  try {
    program.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return text;
    throw usageFailure(error, program);
  }
  if (invocation === undefined) throw usage("no command was given");
  return invocation;
}
