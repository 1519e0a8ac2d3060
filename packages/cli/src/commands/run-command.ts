import { internal, isImageSourceError, type Env } from "@molecule/core";
import type { HostImageProvider } from "@molecule/host";
import { createProvisioner, type StartedContainer } from "@molecule/provisioner";
import type { CommonOptions } from "../options/common-options.js";
import { openCommandHost } from "../host/open-command-host.js";
import { printJson, printLine } from "../terminal/print.js";
import { createProgressDisplay } from "../progress/progress-display.js";
import type { Terminal } from "../terminal/terminal.js";
import { followContainer } from "../terminal/follow-container.js";
import { usage } from "../options/usage.js";

export interface RunOptions extends CommonOptions {
  readonly name?: string;
  readonly env?: readonly string[];
  readonly rm?: true;
  readonly detach?: true;
  readonly interactive?: true;
  readonly tty?: true;
}

/** Ensures the image and runs a container from it, attached like `docker run`, or detached with its name printed. */
export async function runCommand(
  runtime: string,
  args: readonly string[],
  options: RunOptions,
  terminal: Terminal,
): Promise<number> {
  const detached = options.detach === true || options.json === true;
  if (!detached) assertTerminal(options, terminal);
  const host = await openCommandHost(options, terminal, { runtimes: [runtime] });
  try {
    if (!detached && options.interactive !== true && terminal.hasPipedInput()) {
      host.log.warn("stdin is not connected to the container", { hint: "add -i to connect it" });
    }
    const images = await host.createProvider();
    try {
      const container = await start(images, runtime, args, options, terminal, !detached);
      if (!detached) return await followContainer(container, terminal, { hasTerminal: options.tty === true });
      const { id, name, image } = container;
      if (options.json === true) printJson(terminal.stdout, { container: { id, name }, image });
      else printLine(terminal.stdout, name);
      return 0;
    } finally {
      // Cancelled work must clean up before the process ends. Closing also ends the engine's connections, so it comes
      // last.
      await images.close();
    }
  } finally {
    await host.close();
  }
}

/** Throws `USAGE` when `-i -t` is used without a terminal on stdin, as docker does. */
function assertTerminal({ interactive, tty }: RunOptions, { stdin }: Terminal): void {
  if (tty !== true || interactive !== true || stdin.isTTY) return;
  throw usage("cannot use -i with -t: stdin is not a terminal", "Omit -t, or run the command in a terminal.");
}

async function start(
  images: HostImageProvider,
  runtime: string,
  args: readonly string[],
  options: RunOptions,
  terminal: Terminal,
  attach: boolean,
): Promise<StartedContainer> {
  const display = createProgressDisplay(options, terminal, [runtime]);
  const request = {
    runtime,
    name: options.name,
    env: environment(options.env ?? [], terminal.env),
    args: args.length === 0 ? undefined : args,
    autoRemove: options.rm === true,
    attach,
    stdin: options.interactive === true,
    terminal: options.tty === true,
  };
  try {
    const provisioner = createProvisioner({ images });
    const caller = { signal: terminal.signal, onProgress: display.listener };
    const container = await provisioner.start(request, caller);
    display.settle(runtime);
    return container;
  } catch (reason) {
    const error = isImageSourceError(reason) ? reason : internal(reason);
    display.settle(runtime, error);
    throw error;
  } finally {
    await display.close();
  }
}

/** Parses `K=V`, or `K` for its value in this environment. An unset variable is omitted, as docker does. */
function environment(written: readonly string[], env: Env): Record<string, string> {
  const pairs = written.map((entry): [string, string | undefined] => {
    const equals = entry.indexOf("=");
    return equals === -1 ? [entry, env[entry]] : [entry.slice(0, equals), entry.slice(equals + 1)];
  });
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
}
