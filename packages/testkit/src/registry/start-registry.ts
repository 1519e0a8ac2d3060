import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { hash } from "bcryptjs";
import { startKeptProgram } from "../kept-program.js";
import { ping } from "../ping.js";
import { findProgram } from "../programs.js";
import { temporaryDirectory } from "../temporary-directory.js";
import { waitUntilReady } from "../wait-until-ready.js";
import type { TokenServer } from "./start-token-server.js";

/** What kind of registry it is. */
export interface RegistryOptions {
  /** Who may read and write; without it, and without `tokens`, everybody may. */
  readonly htpasswd?: { readonly user: string; readonly password: string };
  /** Whoever this token server lets in may read and write. */
  readonly tokens?: Pick<TokenServer, "realm" | "service" | "issuer" | "certificates">;
  /** Default: a free one. */
  readonly port?: number;
}

/** A registry on loopback, empty at first. */
export interface Registry {
  /** `127.0.0.1:PORT`, which Docker speaks plain http with. */
  readonly host: string;
  /** Ends it and removes what was pushed. May be repeated. */
  stop(): Promise<void>;
}

/** Starts a registry. Rejects with `TOOL_MISSING`, or with `ENGINE_UNAVAILABLE` when it does not come up. */
export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const file = await findProgram("docker-registry", "docker-registry");
  const port = options.port ?? (await freePort());
  const host = `127.0.0.1:${String(port)}`;
  const directory = (await temporaryDirectory()).path;
  const configuration = {
    version: "0.1",
    log: { level: "warn", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(directory, "data") }, delete: { enabled: true } },
    http: { addr: host, headers: { "X-Molecule-Registry": [directory] } },
    ...(await access(directory, options)),
  };
  const configurationFile = join(directory, "config.yml");
  // JSON is YAML.
  await writeFile(configurationFile, JSON.stringify(configuration));
  const program = startKeptProgram({
    command: [file, "serve", configurationFile],
    logFile: join(directory, "log"),
    env: { HOME: directory, DIRECTORY: directory },
    tearDown: 'rm -rf "$DIRECTORY"',
  });
  // Something else may answer at the port; then this one ends.
  const isReady = async (): Promise<boolean> =>
    (await ping({ host: "127.0.0.1", port, path: "/v2/" }))?.headers["x-molecule-registry"] === directory;
  await waitUntilReady({ name: file, program, deadlineMs: 15_000, isReady });
  return { host, stop: () => program.stop() };
}

async function access(directory: string, { htpasswd, tokens }: RegistryOptions): Promise<object> {
  if (htpasswd !== undefined) return { auth: await passwordFile(directory, htpasswd) };
  if (tokens === undefined) return {};
  const { realm, service, issuer, certificates } = tokens;
  return { auth: { token: { realm, service, issuer, rootcertbundle: certificates } } };
}

async function passwordFile(
  directory: string,
  { user, password }: { user: string; password: string },
): Promise<object> {
  const path = join(directory, "htpasswd");
  // The registry knows this algorithm by its older name only.
  const digest = (await hash(password, 4)).replace(/^\$2b\$/, "$2y$");
  await writeFile(path, `${user}:${digest}\n`, { mode: 0o600 });
  return { htpasswd: { realm: "molecule", path } };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === "object" && address !== null) resolve(address.port);
        else reject(new Error("the system gave no port"));
      });
    });
  });
}
