import { internal } from "@molecule/core";
import { Argument, Command, CommanderError } from "commander";
import { choiceParser } from "../options/choice-parser.js";
import { commonHeading, withCommonOptions, type CommonOptions } from "../options/common-options.js";
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
import { describedArguments } from "./described-arguments.js";
import { examplesOf, firstSteps } from "./examples.js";
import { reference } from "./reference.js";
import { watchCommand } from "../commands/watch-command.js";
import type { Terminal } from "../terminal/terminal.js";
import { seeHelp, usage } from "../options/usage.js";
import { unknownCommand, usageFailure } from "../options/usage-failure.js";

/** Collects the values of a repeatable option. */
function collect(entry: string, before: string[] | undefined): string[] {
  return [...(before ?? []), entry];
}

/** An option of the commands that may build a template. */
const template = ["--template <runtime=dir>", "build this directory instead of a commit", collect] as const;

/** An option of the commands that pull or build images. */
const trace = ["--trace <file>", "write a timeline for Perfetto or chrome://tracing"] as const;

type Handler = (operands: string[], options: CommonOptions, terminal: Terminal) => Promise<number>;

/** A parsed command line. It has no effect until `run` is called. */
export interface Invocation {
  readonly options: CommonOptions;
  /** Whether the JSON of an early failure also holds `"results":[]`. */
  readonly hasResults: boolean;
  run(terminal: Terminal): Promise<number>;
}

/** Defines every command and its options. Parsing a command line reports the invocation and does not run it. */
export function createProgram(onInvocation: (invocation: Invocation) => void): Command {
  const program = new Command("molecule-image")
    .description("Builds or pulls the container image for a workspace runtime, and runs it.")
    .enablePositionalOptions()
    .showSuggestionAfterError(false)
    .configureHelp({ subcommandTerm })
    .addHelpText("after", reference + firstSteps)
    .exitOverride((error) => {
      throw leftProgram(error, program);
    });

  function add(signature: string, description: string, handler: Handler, hasResults = false): Command {
    const command = describedArguments(program.command(signature)).description(description);
    command.exitOverride((error) => {
      throw error.exitCode === 0 ? error : usageFailure(error, command);
    });
    command.addHelpText("after", () => examplesOf(command.name()));
    return command.action(() => {
      const options = command.optsWithGlobals<CommonOptions>();
      const operands = command.args;
      onInvocation({ options, hasResults, run: (terminal) => handler(operands, options, terminal) });
    });
  }

  add("ensure <runtime...>", "pull or build images and print one reference per line", ensureCommand, true)
    .option(...template)
    .option(...trace);
  add("plan <runtime...>", "show what ensure would do without changing anything", planCommand, true).option(
    ...template,
  );
  add(
    "refresh <runtime...>",
    "pull or rebuild images even if they are up to date",
    refreshCommand,
    true,
  ).option(...trace);
  add(
    "run <runtime> [args...]",
    "pull or build the image and run a container from it",
    ([runtime = "", ...args], options, terminal) =>
      runCommand(runtime, args, options as RunOptions, terminal),
  )
    .option(...template)
    .option(...trace)
    .option("--name <name>", "name the container")
    .option("--env <K[=V]>", "set an environment variable in the container", collect)
    .option("-i, --interactive", "connect stdin to the container")
    .option("-t, --tty", "allocate a terminal for the container")
    .option("--rm", "remove the container when it exits")
    .option("--detach", "run in the background and print the container's name");
  add("list", "list the images built or pulled on this engine", (_operands, options, terminal) =>
    listCommand(options, terminal),
  );
  add("prune", "remove old builds and checkouts that are not in use", (_operands, options, terminal) =>
    pruneCommand(options as PruneOptions, terminal),
  )
    .option("--keep <n>", "keep this many images of each runtime (default: 3)")
    .option("--max-bytes <size>", "keep at most this total size, e.g. 20GB (default: no limit)")
    .option("--dry-run", "print what would be removed without removing it")
    .option("--force", "remove without asking for confirmation");
  add("doctor [runtime...]", "check the setup and suggest fixes", doctorCommand);
  add("config", "print the effective configuration and its origins", (_operands, options, terminal) =>
    configCommand(options, terminal),
  );
  add("sources", "list sources and show which one is selected, and why", (_operands, options, terminal) =>
    sourcesCommand(options, terminal),
  );
  add("trust [file]", "trust a project file and the plugin files it names", trustCommand);
  add("watch <runtime...>", "poll for new commits and build them in advance", watchCommand)
    .option(...template)
    .option(...trace)
    .option("--every <duration>", "polling interval (default: 5m, with --webhook 30m)")
    .option("--webhook <[host:]port>", "also build when a forge posts a push event")
    .option("--metrics <[host:]port>", "serve metrics for Prometheus at /metrics");
  add("completion", "print a shell completion script", ([shell = ""], _options, terminal) =>
    completionCommand(shell, terminal),
  ).addArgument(
    new Argument("<shell>", "the shell to complete in")
      .choices(shells)
      .argParser(choiceParser("the shell", shells)),
  );
  for (const command of [program, ...program.commands]) withCommonOptions(command);
  return program.helpCommand("help [command]", "show the help of a command");
}

/** Returns a command and its arguments. Every command has options, so they are not mentioned. */
function subcommandTerm(command: Command): string {
  return `${command.name()} ${command.usage().replace(/^\[options\] ?/, "")}`.trimEnd();
}

/** Returns the error for a command line that names no command, or prints the help and returns a success. */
function leftProgram(error: CommanderError, program: Command): Error {
  if (error.exitCode === 0) return error;
  const [first = "", second = first] = program.args;
  if (error.code === "commander.unknownCommand") return unknownCommand(first, program);
  if (error.code !== "commander.help") return usageFailure(error, program);
  if (second !== first) return unknownCommand(second, program);
  if (program.opts<CommonOptions>().json === true) return usage("no command was given", seeHelp(program));
  program.outputHelp();
  return new CommanderError(0, error.code, error.message);
}

/** Returns the invocation, or the text to print for `--help` and `--version`. Throws `USAGE`. */
export function parseCommandLine(argv: readonly string[], version: string): Invocation | string {
  let invocation: Invocation | undefined;
  let text = "";
  const program = createProgram((parsed) => {
    invocation = parsed;
  });
  program.optionsGroup(commonHeading).version(version, "--version", "print the version");
  for (const command of [program, ...program.commands]) {
    command.configureOutput({ writeOut: (out) => (text += out), writeErr: () => undefined });
  }
  try {
    program.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return text;
    throw error;
  }
  if (invocation === undefined) throw internal(new Error("commander called no command"));
  return invocation;
}
