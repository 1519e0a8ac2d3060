import {
  silentLog,
  tokens,
  type Clock,
  type Fetch,
  type Log,
  type RegistryClient,
  type Run,
} from "@molecule/core";
import {
  createDockerEngine,
  createRegistryClient,
  createRegistryCredentials,
  findEngineEndpoint,
  type DockerEngineOptions,
} from "@molecule/engine";
import type { HostContainer } from "../contract/host-container.js";
import { compose, credentialsOf, type Composition } from "./compose.js";
import { furtherEngines, type FurtherEngines } from "./further-engines.js";
import type { HostEnvironment } from "./host-environment.js";
import type { HostOptions } from "../contract/host.js";
import { maskedLog } from "../log/masked-log.js";

/** The services of a host. */
export interface ComposedServices extends Composition {
  readonly further: FurtherEngines;
  readonly registryClient: RegistryClient;
  /** Closes what the host opened; the application's own services stay open. */
  close(): Promise<void>;
}

/**
 * Composes the services of a host in a tsyringe container. Contacts nothing.
 * @param engine the configured address of the engine; undefined for the one that the docker CLI uses
 */
export function composeServices(
  { container: application, logger }: Pick<HostOptions, "container" | "logger">,
  { env, programEnv, home, edges, mask }: HostEnvironment,
  engine: string | undefined,
): ComposedServices {
  const composition = compose(application, {
    services: {
      fetch: () => edges.fetch,
      run: () => edges.run,
      clock: () => edges.clock,
      log: () => silentLog,
      engine: (container) =>
        createDockerEngine(
          () => findEngineEndpoint({ env, home, address: engine }),
          engineOptions(container),
        ),
    },
    credentials: (container) =>
      createRegistryCredentials({
        run: container.resolve<Run>(tokens.run),
        clock: container.resolve<Clock>(tokens.clock),
        log: container.resolve<Log>(tokens.log),
        env: programEnv,
        home,
        mask,
      }),
    wrapLog: (log) => maskedLog(logger ?? log, mask),
  });
  const further = furtherEngines(engineOptions(composition.container));
  return {
    ...composition,
    further,
    registryClient: createRegistryClient({
      fetch: composition.services.fetch,
      credentials: composition.credentials,
    }),
    close: async () => {
      edges.close();
      if (!composition.isOverridden("engine")) await composition.services.engine.close();
      await further.close();
    },
  };
}

function engineOptions(container: HostContainer): DockerEngineOptions {
  return {
    log: container.resolve<Log>(tokens.log),
    fetch: container.resolve<Fetch>(tokens.fetch),
    credentials: credentialsOf(container),
  };
}
