import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { OrdinaryUser } from "@molecule/test-fixtures";
import type { Answer, Env } from "./command-world.test.support.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
/** Where the user sees this checkout, which may be below a home that others cannot enter. */
const seenAt = "/mnt";
const lookThere = 'mount --bind "$1" "$2" && shift 2 && exec "$@"';

/** The outcome of a command run as another user. */
export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Env;
  /** Runs as root with the user's home, as `sudo -E` does. */
  readonly bySudo?: boolean;
}

/** Runs the built command as the user, in a working directory below the user's home. */
export async function runAs(
  user: OrdinaryUser,
  args: readonly string[],
  { env = {}, bySudo = false }: RunOptions = {},
): Promise<CommandResult> {
  const bin = join(seenAt, "packages", "cli", "bin", "molecule-image");
  const [file, wrapped] = bySudo ? ([bin, args] as const) : user.command(bin, args);
  const child = spawn(
    "unshare",
    ["--mount", "/bin/sh", "-c", lookThere, "sh", root, seenAt, file, ...wrapped],
    {
      cwd: user.directory,
      env: {
        ...user.env,
        PATH: `${dirname(process.execPath)}:/usr/sbin:/usr/bin:/sbin:/bin`,
        ...(bySudo ? { SUDO_UID: String(user.uid) } : {}),
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 120_000,
    },
  );
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => {
      resolve({ status, stdout, stderr });
    });
  });
}

/** Like {@link runAs}, for a command with `--json`. */
export async function jsonAs(
  user: OrdinaryUser,
  [verb = "", ...args]: readonly string[],
  options?: RunOptions,
): Promise<{ readonly status: number | null; readonly answer: Answer }> {
  const { status, stdout, stderr } = await runAs(user, [verb, "--json", ...args], options);
  if (stdout === "") throw new Error(`nothing on stdout; stderr: ${stderr}`);
  return { status, answer: JSON.parse(stdout) as Answer };
}

/** Writes the user's configuration file. */
export async function configure(user: OrdinaryUser, config: unknown): Promise<void> {
  const directory = join(user.directory, ".config", "molecule");
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, "config.json"), JSON.stringify(config));
}
