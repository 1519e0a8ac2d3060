import { execFile, spawn, type ChildProcess } from "node:child_process";
import { cp, mkdir, readdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { temporaryDirectory } from "@molecule/test-fixtures";
import { root } from "./docs/documents.js";

/** What a program printed, and how it ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running `npm run forge`. */
export interface ServingForge {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves to the output once it contains the text. Rejects if the forge exits first. */
  printed(text: string): Promise<string>;
}

/** A clone, with a temporary directory of its own. */
export interface Clone {
  readonly path: string;
  /** Starts the script of `npm run forge`, without the build before it. */
  forge(args: readonly string[], env?: Readonly<Record<string, string>>): ServingForge;
  /** What is in the clone's temporary directory. */
  leftovers(): Promise<readonly string[]>;
  remove(): Promise<void>;
}

/** A clone whose templates can be changed. Its packages are those of this repository, as they were built. */
export async function cloneOfTemplates(): Promise<Clone> {
  const directory = await temporaryDirectory();
  const [path, temporary] = [join(directory.path, "clone"), join(directory.path, "tmp")];
  await mkdir(temporary);
  for (const name of ["scripts", "examples/templates"])
    await cp(join(root, name), join(path, name), { recursive: true });
  await cp(join(root, "package.json"), join(path, "package.json"));
  await symlink(join(root, "packages"), join(path, "packages"));
  await promisify(execFile)(
    "sh",
    [
      "-ec",
      "git init -q; git add scripts examples; git -c user.name=ann -c user.email=ann@example.com commit -qm Clone",
    ],
    { cwd: path, env: { PATH: process.env["PATH"], GIT_CONFIG_GLOBAL: "/dev/null" } },
  );
  return {
    path,
    forge: (args, env = {}) =>
      startServing([join(path, "scripts", "forge", "main.mjs"), ...args], {
        PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
        TMPDIR: temporary,
        ...env,
      }),
    leftovers: () => readdir(temporary),
    remove: () => directory.remove(),
  };
}

function startServing(args: readonly string[], env: Readonly<Record<string, string>>): ServingForge {
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  let onText = (): void => undefined;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    onText();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
  return {
    child,
    ended,
    printed: (text) =>
      new Promise((resolve, reject) => {
        onText = () => {
          if (stdout.includes(text)) resolve(stdout);
        };
        onText();
        ended.then(() => reject(new Error(`the forge ended without printing ${text}: ${stderr}`)), reject);
      }),
  };
}
