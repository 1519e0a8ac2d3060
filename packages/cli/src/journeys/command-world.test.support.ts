import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { temporaryDirectory } from "@molecule/test-fixtures";
import { helloTemplate, startForge, type Forge } from "@molecule/testkit";

export const bin = fileURLToPath(new URL("../../bin/molecule-image", import.meta.url));
const bundle = fileURLToPath(new URL("../../bundle/main.cjs", import.meta.url));

/** The address of an engine that does not exist. */
export const noEngine = "unix:///nonexistent/d.sock";

/** The outcome of a command. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

export interface RunningCommand {
  readonly child: ChildProcess;
  readonly done: Promise<Outcome>;
  /** Its output so far. */
  readonly printed: Pick<Outcome, "stdout" | "stderr">;
  /** Resolves when stderr contains the text; rejects if the command exits first. */
  untilPrinted(text: string): Promise<void>;
}

export type Env = Readonly<Record<string, string | undefined>>;

/** A user with a home, a working directory, a forge, and the built command. */
export interface World {
  readonly forge: Forge;
  readonly home: string;
  readonly cwd: string;
  readonly cache: string;
  /** The suffix of every local tag. */
  readonly isolation: string;
  /** How to start the command. */
  readonly env: Env;
  /** Starts the command. Variables given as undefined are unset. */
  start(args: readonly string[], env?: Env): RunningCommand;
  run(args: readonly string[], env?: Env): Promise<Outcome>;
  /** Returns the output of a command with `--json`. */
  json(
    args: readonly string[],
    env?: Env,
  ): Promise<{ readonly status: number | null; readonly answer: Answer }>;
  /** Writes a file below the working directory. */
  write(path: string, content: string): Promise<string>;
  /** Lists the checkout directory of the runtime. */
  checkouts(runtime: string): Promise<readonly string[]>;
  /** Ends the commands that still run, and removes everything. */
  close(): Promise<void>;
}

/** The JSON output of any command. */
export interface Answer {
  readonly results?: readonly {
    readonly runtime: string;
    readonly ok: boolean;
    readonly image?: Image;
    readonly error?: Failure;
  }[];
  readonly image?: Image;
  readonly container?: { readonly id: string; readonly name: string };
  readonly images?: readonly Readonly<Record<string, unknown>>[];
  readonly sources?: readonly Readonly<Record<string, unknown>>[];
  readonly values?: readonly { readonly path: string; readonly value: unknown; readonly origin: string }[];
  readonly findings?: readonly Finding[];
  readonly removed?: readonly Pruned[];
  readonly kept?: readonly Pruned[];
  readonly error?: Failure;
}

export interface Finding {
  readonly id: string;
  readonly ok: boolean;
  readonly level: "ok" | "warn" | "bad";
  readonly message: string;
  readonly hint: string;
}

/** An item in the output of `prune`. */
export interface Pruned {
  readonly kind: string;
  readonly runtime: string;
  readonly revision: string | null;
  readonly imageId: string | null;
  readonly names: readonly string[];
  readonly otherNames: readonly string[];
  readonly path: string | null;
  readonly bytes: number;
  readonly source: string;
  readonly why: string;
}

export type Image = Readonly<Record<string, unknown>>;
export type Failure = Readonly<
  Record<"code" | "message" | "hint" | "source" | "step" | "output", string | null>
>;

export async function openWorld(address: string): Promise<World> {
  if (!existsSync(bundle)) throw new Error(`${bundle} is missing: run npm run build first`);
  const directory = await temporaryDirectory();
  const forge = await startForge();
  const [home, cwd, cache] = ["home", "work", "cache"].map((name) => join(directory.path, name));
  if (home === undefined || cwd === undefined || cache === undefined) throw new Error("unreachable");
  // A home that looks like a real one, and a `.git` at which the search for configuration ends.
  await Promise.all([mkdir(home), mkdir(join(cwd, ".git"), { recursive: true })]);
  const isolation = `cli-${randomBytes(4).toString("hex")}`;
  const base: Env = {
    PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
    HOME: home,
    DOCKER_HOST: address,
    MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: forge.repoPrefix(),
    MOLECULE_LOCAL_BUILD_CACHE: cache,
    MOLECULE_LOCAL_IMAGE_ISOLATION: isolation,
  };

  const running = new Set<RunningCommand>();
  const start: World["start"] = (args, env = {}) => {
    const command = startCommand(args, cwd, { ...base, ...env });
    running.add(command);
    command.child.once("close", () => running.delete(command));
    return command;
  };
  return {
    forge,
    home,
    cwd,
    cache,
    isolation,
    env: base,
    start,
    run: (args, env) => start(args, env).done,
    json: async (args, env) => {
      const { status, stdout, stderr } = await start([...args.slice(0, 1), "--json", ...args.slice(1)], env)
        .done;
      if (!/^[^\n]+\n$/.test(stdout))
        throw new Error(`not one line: ${JSON.stringify(stdout)}; stderr: ${stderr}`);
      return { status, answer: JSON.parse(stdout) as Answer };
    },
    write: async (path, content) => {
      const file = join(cwd, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
      return file;
    },
    checkouts: async (runtime) => readdir(join(cache, runtime)).catch(() => []),
    close: async () => {
      for (const { child, done } of running) {
        child.kill("SIGKILL");
        await done.catch(() => undefined);
      }
      await forge.stop();
      await directory.remove();
      await removeImages(address, isolation);
    },
  };
}

function startCommand(args: readonly string[], cwd: string, env: Env): RunningCommand {
  const began = performance.now();
  const child = spawn(bin, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], timeout: 120_000 });
  let [stdout, stderr] = ["", ""];
  let onText = (): void => undefined;
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    onText();
  });
  const done = new Promise<Outcome>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => {
      if (signal === null) resolve({ status, stdout, stderr, durationMs: performance.now() - began });
      else reject(new Error(`${args.join(" ")} was killed by ${signal}: ${stderr}`));
    });
  });
  return {
    child,
    done,
    get printed() {
      return { stdout, stderr };
    },
    untilPrinted: (text) =>
      new Promise((resolve, reject) => {
        onText = () => {
          if (stderr.includes(text)) resolve();
        };
        onText();
        done.then(() => {
          reject(new Error(`ended without saying ${text}: ${stderr}`));
        }, reject);
      }),
  };
}

async function removeImages(address: string, isolation: string): Promise<void> {
  if (address === noEngine) return;
  const engine = createDockerEngine(() =>
    findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
  );
  const images = await engine.listImages({ labels: ["molecule.image.runtime"] });
  for (const tag of images.flatMap(({ tags }) => tags)) {
    if (tag.endsWith(`--${isolation}`)) await engine.removeImage(tag);
  }
  await engine.close();
}

/** The hello template, with these steps appended to its Dockerfile. */
export function templateWith(steps: string): ReturnType<typeof helloTemplate> {
  const template = helloTemplate();
  const { Dockerfile } = template;
  if (typeof Dockerfile !== "string") throw new Error("the template has no Dockerfile");
  return { ...template, Dockerfile: `${Dockerfile}${steps}\n` };
}
