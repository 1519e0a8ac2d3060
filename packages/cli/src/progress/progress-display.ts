import { type ProgressDisplay, slowSteps, writeAtOnce } from "./display.js";
import { boundYoungGeneration } from "../terminal/bound-young-generation.js";
import type { CommonOptions } from "../options/common-options.js";
import type { Terminal } from "../terminal/terminal.js";
import { jsonDisplay } from "./json-display.js";
import { plainDisplay } from "./plain-display.js";
import { terminalDisplay } from "./terminal-display.js";

const noDisplay: ProgressDisplay = {
  listener: () => undefined,
  settle: () => undefined,
  aside: writeAtOnce,
  close: () => Promise.resolve(),
};

export function createProgressDisplay(
  options: CommonOptions,
  terminal: Terminal,
  runtimes: readonly string[],
): ProgressDisplay {
  const display = displayFor(options, terminal, runtimes);
  return {
    ...display,
    listener: (event) => {
      if (event.type === "started" && slowSteps.has(event.step)) boundYoungGeneration();
      return display.listener(event);
    },
  };
}

function displayFor(
  options: CommonOptions,
  terminal: Terminal,
  runtimes: readonly string[],
): ProgressDisplay {
  const { stderr } = terminal;
  switch (options.quiet === true ? "none" : kindFor(options.progress ?? "auto", terminal)) {
    case "tty":
      return terminalDisplay(stderr, runtimes, {
        colours: hasColours(terminal),
        keepsLines: (error) => options.json === true || error.output === null,
      });
    case "json":
      return jsonDisplay(stderr);
    case "plain":
      return plainDisplay(stderr, { isCancelled: () => terminal.signal.aborted });
    case "none":
      return noDisplay;
  }
}

function hasColours({ stderr, env }: Terminal): boolean {
  return stderr.isTTY && isUnset(env.NO_COLOR) && env.TERM !== "dumb";
}

function isUnset(value: string | undefined): boolean {
  return value === undefined || value === "";
}

type Kind = Exclude<NonNullable<CommonOptions["progress"]>, "auto">;

/** `auto` redraws only on an interactive terminal; CI keeps every line. */
function kindFor(requested: Kind | "auto", { stderr, env }: Terminal): Kind {
  if (requested !== "auto") return requested;
  return stderr.isTTY && stderr.columns > 0 && isUnset(env.CI) && env.TERM !== "dumb" ? "tty" : "plain";
}
