import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** An npm project outside of the workspace, with access to nothing but the packed packages. */
export interface StrangerProject {
  readonly path: string;
  /** The packed packages by name, as `file:` dependencies. */
  readonly packed: Readonly<Record<string, string>>;
  write(file: string, content: string): Promise<string>;
  /** Installs the dependencies in `package.json` from the packed packages and the npm registry. */
  install(manifest: Manifest): Promise<void>;
  /** Runs a program there. Rejects with its output if it fails. */
  run(program: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>;
  remove(): Promise<void>;
}

export interface Manifest {
  readonly type?: "module" | "commonjs";
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export async function strangerProject(): Promise<StrangerProject> {
  const directory = await mkdtemp(join(tmpdir(), "molecule-stranger-"));
  const [path, home, tarballs] = ["project", "home", "packed"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  for (const created of [path, home]) await mkdir(created);
  await run(process.execPath, [join(root, "scripts", "pack-all.mjs"), tarballs]);
  const packed = Object.fromEntries(
    (await readdir(tarballs)).map((file) => [packageOf(file), `file:${join(tarballs, file)}`]),
  );
  const project: StrangerProject = {
    path,
    packed,
    write: async (file, content) => {
      const to = join(path, file);
      await mkdir(dirname(to), { recursive: true });
      await writeFile(to, content);
      return to;
    },
    install: async (manifest) => {
      await project.write("package.json", JSON.stringify({ type: "module", private: true, ...manifest }));
      await project.run("npm", npmInstall).catch((error: unknown) => {
        throw unreachable.test(String(error)) ? new Error(registryNeeded, { cause: error }) : error;
      });
    },
    run: async (program, args, env = {}) => {
      // Without this test's environment: a stranger has neither our variables nor our engine, nor our configuration.
      const { PATH = "", HOME = "", NODE_EXTRA_CA_CERTS } = process.env;
      // The variables that npm needs to reach its registry from this machine.
      const { npm_config_userconfig = join(HOME, ".npmrc"), npm_config_cache = join(HOME, ".npm") } =
        process.env;
      const machine = { npm_config_userconfig, npm_config_cache, NODE_EXTRA_CA_CERTS };
      const own = Object.fromEntries(Object.entries(machine).filter(([, value]) => value !== undefined));
      try {
        const options = { cwd: path, env: { PATH, HOME: home, ...own, ...env }, maxBuffer: 16 * 1024 * 1024 };
        return (await run(program, args, options)).stdout;
      } catch (error) {
        const { stdout = "", stderr = "" } = error as { readonly stdout?: string; readonly stderr?: string };
        throw new Error(`${program} ${args.join(" ")} failed: ${stdout}${stderr}`, { cause: error });
      }
    },
    remove: () => rm(directory, { recursive: true }),
  };
  return project;
}

export const npmInstall = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];

const unreachable =
  /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT)\b/;
const registryNeeded =
  "the npm registry cannot be reached, and this test installs packages from it: check the network, and the registry in ~/.npmrc";

/** `molecule-source-x-0.1.0.tgz` is `@molecule/source-x`; a package without a scope keeps its name. */
function packageOf(file: string): string {
  const name = file.replace(/-\d+\.\d+\.\d+.*\.tgz$/, "");
  return name.replace(/^molecule-/, "@molecule/");
}
