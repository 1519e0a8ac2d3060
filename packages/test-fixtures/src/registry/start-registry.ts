import { readFile, writeFile } from "node:fs/promises";
import type { RequestOptions } from "node:https";
import { join } from "node:path";
import { hash } from "bcryptjs";
import { findProgram, temporaryDirectory } from "@molecule/testkit/internal";
import { startKeptProgram } from "../programs/kept-program.js";
import type { Machine } from "../network/start-network.js";
import type { TestCertificate } from "../programs/certificates.js";
import { ping } from "../programs/ping.js";
import { waitUntilReady } from "../programs/wait-until-ready.js";
import type { TokenServer } from "./start-token-server.js";

/** Options of a registry. */
export interface RegistryOptions {
  /** The user who may read and write. Without it, and without `tokens`, everyone may. */
  readonly htpasswd?: { readonly user: string; readonly password: string };
  /** Every client that this token server accepts may read and write. */
  readonly tokens?: Pick<TokenServer, "realm" | "service" | "issuer" | "certificates">;
  /** Default: a free one. */
  readonly port?: number;
  /** Where it listens with TLS, instead of on loopback without. */
  readonly machine?: Pick<Machine, "address" | "prefix"> & {
    readonly certificate: TestCertificate;
    /** The file of the authority that issued the certificate. */
    readonly authority: string;
  };
}

/** A registry on loopback, initially empty. */
export interface Registry {
  /** `127.0.0.1:PORT`, which Docker accesses over plain HTTP, or the address of the machine with its port. */
  readonly host: string;
  /** Stops the registry and removes all pushed content. May be called again. */
  stop(): Promise<void>;
}

/** Starts a registry. Rejects with `TOOL_MISSING`, or with `ENGINE_UNAVAILABLE` if it does not start. */
export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const file = await findProgram("docker-registry", "docker-registry");
  const directory = (await temporaryDirectory()).path;
  const { address, prefix } = options.machine ?? { address: "127.0.0.1", prefix: [] };
  const configuration = {
    version: "0.1",
    log: { level: "info", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(directory, "data") }, delete: { enabled: true } },
    http: {
      addr: `${address}:${String(options.port ?? 0)}`,
      headers: { "X-Molecule-Registry": [directory] },
      ...(await tls(directory, options)),
    },
    ...(await access(directory, options)),
  };
  const configurationFile = join(directory, "config.yml");
  // JSON is YAML.
  await writeFile(configurationFile, JSON.stringify(configuration));
  const logFile = join(directory, "log");
  const program = startKeptProgram({
    command: [...prefix, file, "serve", configurationFile],
    logFile,
    env: { HOME: directory, DIRECTORY: directory },
    tearDown: 'rm -rf "$DIRECTORY"',
  });
  let host = "";
  const isReady = async (): Promise<boolean> => {
    const port = await listeningPort(logFile);
    if (port === undefined) return false;
    host = `${address}:${String(port)}`;
    const response = await ping({ ...(await connection(options)), host: address, port, path: "/v2/" });
    return response?.headers["x-molecule-registry"] === directory;
  };
  await waitUntilReady({ name: file, program, deadlineMs: 30_000, isReady });
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
  // The registry knows this algorithm only by its older name.
  const digest = (await hash(password, 4)).replace(/^\$2b\$/, "$2y$");
  await writeFile(path, `${user}:${digest}\n`, { mode: 0o600 });
  return { htpasswd: { realm: "molecule", path } };
}

async function tls(directory: string, { machine }: RegistryOptions): Promise<object> {
  if (machine === undefined) return {};
  const [certificate, key] = [join(directory, "certificate.pem"), join(directory, "key.pem")];
  await writeFile(certificate, machine.certificate.cert);
  await writeFile(key, machine.certificate.key, { mode: 0o600 });
  return { tls: { certificate, key } };
}

async function connection({ machine }: RegistryOptions): Promise<RequestOptions> {
  if (machine === undefined) return {};
  return { protocol: "https:", ca: await readFile(machine.authority) };
}

/** The registry logs its port once it listens. A free port chosen beforehand could be taken by then. */
async function listeningPort(logFile: string): Promise<number | undefined> {
  const said = await readFile(logFile, "utf8").catch(() => "");
  const [, port] = /listening on [\d.]+:(\d+)/.exec(said) ?? [];
  return port === undefined ? undefined : Number(port);
}
