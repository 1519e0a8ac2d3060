import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describeWherePossible, temporaryDirectory, type SuiteRunner } from "@molecule/test-fixtures";
import { bin, type Env, type World } from "./command-world.test.support.js";

const tmux = "/usr/bin/tmux";
const execute = promisify(execFile);

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/**
 * A real terminal (tmux) that runs `before` and then the command, and prints `status=…` when it exits. When the command
 * is stopped (Ctrl-Z), the shell prints `stopped` and resumes it.
 */
export interface TerminalSession {
  /** The visible rows, without trailing spaces. */
  screen(): Promise<readonly string[]>;
  /** The rows that scrolled off, too. */
  everything(): Promise<readonly string[]>;
  /** Like the screen, with colours and all other escapes. */
  painted(): Promise<string>;
  /** Resolves to the screen once it contains this; rejects after a minute. */
  shows(what: RegExp): Promise<readonly string[]>;
  resize(size: Size): Promise<void>;
  press(key: string): Promise<void>;
  type(text: string): Promise<void>;
  /** Reads a tmux format variable, such as `cursor_flag`. */
  fact(name: string): Promise<string>;
  close(): Promise<void>;
}

export function describeWithTerminal(runner: SuiteRunner, name: string, body: () => void): void {
  const missing = existsSync(tmux) ? undefined : `${tmux} is not installed`;
  describeWherePossible(runner, name, { what: "a terminal (tmux)", missing }, body);
}

export async function openTerminal(
  world: World,
  args: readonly string[],
  size: Size,
  env: Env = {},
): Promise<TerminalSession> {
  const script = `set -m; echo before; "$@"; status=$?
    if [ $status = 148 ]; then echo stopped; fg >/dev/null; status=$?; fi
    echo "status=$status"; exec sleep 300`;
  return openTerminalOf(world, ["sh", "-c", script, "sh", bin, ...args], size, env);
}

/** Starts a real terminal that runs this program. */
export async function openTerminalOf(
  world: Pick<World, "cwd" | "env">,
  program: readonly string[],
  { columns, rows }: Size,
  env: Env = {},
): Promise<TerminalSession> {
  const directory = await temporaryDirectory();
  const socket = join(directory.path, "tmux");
  const options = { cwd: world.cwd, env: { ...world.env, ...env, LC_ALL: "C.UTF-8" } };
  const ask = async (...command: readonly string[]): Promise<string> =>
    (await execute(tmux, ["-u", "-S", socket, "-f", "/dev/null", ...command], options)).stdout;

  const [width, height] = [String(columns), String(rows)];
  await ask("new-session", "-d", "-x", width, "-y", height, ...program);
  const capture = async (...how: readonly string[]): Promise<string> =>
    (await ask("capture-pane", "-p", ...how)).trimEnd();
  const linesOf = (text: string): string[] => text.split("\n").map((line) => line.trimEnd());

  const screen = async (): Promise<readonly string[]> => linesOf(await capture());
  return {
    screen,
    everything: async () => linesOf(await capture("-S", "-")),
    painted: () => capture("-e"),
    shows: async (what) => {
      const deadline = Date.now() + 60_000;
      for (;;) {
        const lines = await screen();
        if (what.test(lines.join("\n"))) return lines;
        if (Date.now() > deadline) throw new Error(`${String(what)} was not shown:\n${lines.join("\n")}`);
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    },
    resize: async (size) => {
      await ask("resize-window", "-x", String(size.columns), "-y", String(size.rows));
    },
    press: async (key) => {
      await ask("send-keys", key);
    },
    type: async (text) => {
      await ask("send-keys", "-l", text);
    },
    fact: async (name) => (await ask("display-message", "-p", `#{${name}}`)).trim(),
    close: async () => {
      await ask("kill-server").catch(() => undefined);
      await directory.remove();
    },
  };
}
