import { shippedRuntimes } from "@molecule/core";
import { loadSettings } from "@molecule/host";
import { nodeEdges } from "@molecule/node-edges";
import type { Argument, Command, Option } from "commander";
import { shipped } from "../host/open-command-host.js";
import { pathFromHere } from "../host/path-from-here.js";
import type { Terminal } from "../terminal/terminal.js";
import { readWords, type Words } from "./read-words.js";

/** A completion candidate and its description. */
export type Candidate = readonly [value: string, about: string];

/** Requests that the shell completes file names or directories itself, after this start of the word. */
const places = {
  files: (start: string): Candidate => [":files", start],
  directories: (start: string): Candidate => [":directories", start],
};

/** Common platforms; others can be typed. */
const platforms = ["native", "linux/amd64", "linux/arm64", "linux/arm/v7"];

/**
 * Returns the candidates for the last word. Reads only configuration files; contacts and executes nothing.
 */
export async function complete(
  program: Command,
  written: readonly string[],
  terminal: Terminal,
): Promise<readonly Candidate[]> {
  const words = readWords(program, written);
  const candidates = await allFor(words, terminal);
  if (typeof candidates === "string") return [places[candidates](words.prefix)];
  // Such as the directory of `--template RUNTIME=DIR`.
  const { valueOf, current } = words;
  const [runtime = ""] = /^[^=]+=/.exec(current) ?? [];
  if (valueOf?.long === "--template" && runtime !== "") return [places.directories(words.prefix + runtime)];
  return candidates
    .filter(([value]) => value.startsWith(words.current))
    .map(([value, about]) => [words.prefix + value, about]);
}

type Candidates = readonly Candidate[] | keyof typeof places;

async function allFor(words: Words, terminal: Terminal): Promise<Candidates> {
  const { command, valueOf, current, operands, onlyOperands } = words;
  if (valueOf?.long === "--template") {
    const runtimes = await knownRuntimes(words.values, terminal);
    return withoutDescriptions(runtimes.map((runtime) => `${runtime}=`));
  }
  if (valueOf !== undefined) return valuesOf(valueOf);
  if (command === undefined) return [];
  const help = command.createHelp();
  if (current.startsWith("-") && !onlyOperands) {
    return help.visibleOptions(command).map(({ long, description }) => [long ?? "", description]);
  }
  if (command.commands.length > 0) {
    return help.visibleCommands(command).map((one) => [one.name(), one.description()]);
  }
  const { registeredArguments } = command;
  const next = registeredArguments[operands.length] ?? registeredArguments.at(-1);
  if (next === undefined || (operands.length >= registeredArguments.length && !next.variadic)) return [];
  return operandsFor(next, words, terminal);
}

function valuesOf({ argChoices, long }: Option): Candidates {
  if (argChoices !== undefined) return withoutDescriptions(argChoices);
  if (long === "--platform") return withoutDescriptions(platforms);
  if (long === "--config" || long === "--trace") return "files";
  return long === "--cwd" ? "directories" : [];
}

async function operandsFor(
  argument: Argument,
  { operands, values }: Words,
  terminal: Terminal,
): Promise<Candidates> {
  if (argument.argChoices !== undefined) return withoutDescriptions(argument.argChoices);
  if (argument.name() !== "runtime") return "files";
  const runtimes = await knownRuntimes(values, terminal);
  return withoutDescriptions(runtimes.filter((runtime) => !operands.includes(runtime)));
}

/** Returns the configured runtimes, or the shipped ones if the configuration is invalid or untrusted. */
async function knownRuntimes(
  values: ReadonlyMap<string, string>,
  terminal: Terminal,
): Promise<readonly string[]> {
  const { env } = terminal;
  const configFile = values.get("--config");
  try {
    const { runtimes } = await loadSettings({
      cwd: pathFromHere(values.get("--cwd") ?? ".", terminal),
      env,
      home: nodeEdges(env).home,
      configFile: configFile === undefined ? undefined : pathFromHere(configFile, terminal),
      plugins: [],
      shipped,
    });
    return [...runtimes];
  } catch {
    return shippedRuntimes;
  }
}

function withoutDescriptions(values: readonly string[]): Candidate[] {
  return values.map((value) => [value, ""]);
}
