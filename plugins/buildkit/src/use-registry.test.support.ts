import { afterAll, beforeAll, beforeEach } from "@jest/globals";
import type { Log } from "@molecule/core";
import { createImageProvider, type HostImageProvider } from "@molecule/host";
import { startRegistry, watchRegistry, type Buildkitd, type WatchedRegistry } from "@molecule/test-fixtures";
import { useSource, type SourceWorld } from "@molecule/test-fixtures/source";
import plugin from "./index.js";
import { readRegistry, type RegistryReader } from "./registry-images.test.support.js";

/** The only user of the registry. */
export const team = { user: "builder", password: "pass-word/of the team" };

/** The address of no builder. */
export const down = "unix:///nonexistent/buildkitd.sock";

type Refusal = Parameters<typeof watchRegistry>[1];

/** A registry with a password, and sources that build into it. Use its members inside tests only. */
export interface RegistryWorld {
  readonly world: SourceWorld<HostImageProvider>;
  /** `HOST:PORT` of the registry itself, without the proxy in front of it. */
  readonly host: string;
  /** The proxy, whose address is configured. */
  readonly door: WatchedRegistry;
  /** The value of the option `registry`. */
  readonly prefix: string;
  readonly reader: RegistryReader;
  /** Opens a source without an engine, logged in as {@link team}. */
  open(
    options?: Readonly<Record<string, unknown>>,
    env?: Readonly<Record<string, string>>,
    logger?: Log,
  ): Promise<HostImageProvider>;
  /** Returns the variable that logs in as `USER:PASSWORD`. */
  loggedIn(login: string): Readonly<Record<string, string>>;
  /** Which requests the registry refuses, and how, until the end of the test. */
  refuse(refusal: Refusal): void;
  /** Returns the tags of a runtime's images. */
  tags(runtime: string): Promise<readonly string[]>;
}

/** Returns the repository of a runtime's images. */
export function repositoryOf(runtime: string): string {
  return `team/workspace-template-${runtime}`;
}

/** Starts the registry and the forge before the tests of the file, and stops them after all. */
export function useRegistry(buildkit: () => Buildkitd): RegistryWorld {
  const world = useSource(plugin, createImageProvider);
  let started: { readonly host: string; readonly door: WatchedRegistry } | undefined;
  let stop = async (): Promise<void> => undefined;
  let refusal: Refusal;
  beforeAll(async () => {
    const registry = await startRegistry({ htpasswd: team });
    stop = () => registry.stop();
    const door = await watchRegistry(registry, (request) => refusal?.(request));
    stop = async () => {
      await door.stop();
      await registry.stop();
    };
    started = { host: registry.host, door };
  });
  beforeEach(() => {
    refusal = undefined;
  });
  afterAll(() => stop());
  const parts = (): NonNullable<typeof started> => {
    if (started === undefined) throw new TypeError("available only inside tests");
    return started;
  };
  const registry: RegistryWorld = {
    world,
    get host() {
      return parts().host;
    },
    get door() {
      return parts().door;
    },
    get prefix() {
      return `${registry.door.host}/team`;
    },
    get reader() {
      return readRegistry(registry.host, team);
    },
    loggedIn: (login) => {
      const auth = Buffer.from(login).toString("base64");
      return { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [registry.door.host]: { auth } } }) };
    },
    open: (options = {}, env = {}, logger) =>
      world.open({
        env: {
          PATH: `${buildkit().programs}:${process.env.PATH ?? ""}`,
          DOCKER_HOST: "unix:///nonexistent/docker.sock",
          ...registry.loggedIn(`${team.user}:${team.password}`),
          ...env,
        },
        options: { addr: buildkit().address, into: "registry", registry: registry.prefix, ...options },
        ...(logger && { logger }),
      }),
    refuse: (next) => {
      refusal = next;
    },
    tags: async (runtime) => {
      const start = `${repositoryOf(runtime)}:`;
      const own = (await registry.reader.names()).filter((name) => name.startsWith(start));
      return own.map((name) => name.slice(start.length)).sort();
    },
  };
  return registry;
}
