import "reflect-metadata";
import {
  tokens,
  type Clock,
  type ContainerEngine,
  type Fetch,
  type ImageProvider,
  type ImageSource,
  type Log,
  type RegistryCredentials,
  type Run,
} from "@molecule/core";
import { container as root, instanceCachingFactory } from "tsyringe";
import type { HostContainer } from "../contract/host-container.js";

/** The services that sources receive and that a host application may replace. */
export interface Services {
  readonly engine: ContainerEngine;
  readonly fetch: Fetch;
  readonly run: Run;
  readonly clock: Clock;
  readonly log: Log;
}

const names = ["engine", "fetch", "run", "clock", "log"] as const satisfies readonly (keyof Services)[];

/** Not one of the public tokens: an application cannot replace where credentials come from. */
const credentialsToken = Symbol("registryCredentials");

/** Makes a service of the host's own; the services it needs come from the container. */
type Factory<Service> = (container: HostContainer) => Service;

/** How the host makes what the application did not bring. */
export interface Defaults {
  readonly services: { readonly [Name in keyof Services]: Factory<Services[Name]> };
  readonly credentials: Factory<RegistryCredentials>;
  /** Applied to the log, the application's as well as the host's own. */
  readonly wrapLog: (log: Log) => Log;
}

export interface Composition {
  readonly container: HostContainer;
  readonly services: Services;
  readonly credentials: RegistryCredentials;
  /** Whether the application registered this service itself. */
  isOverridden(name: keyof Services): boolean;
  /** Makes the finished parts resolvable in the container. */
  publish(parts: { readonly imageProvider: ImageProvider; readonly imageSource: ImageSource }): void;
}

/**
 * Registers every service in a child of the application's container, or of tsyringe's root container without one. A
 * service that the application registered is used instead of the host's own; the application's container is not changed.
 * Throws a `TypeError` for a registered promise, because tsyringe does not await factories.
 */
export function compose(application: HostContainer | undefined, defaults: Defaults): Composition {
  const container = (application ?? root).createChildContainer();
  const isOverridden = (name: keyof Services): boolean =>
    application?.isRegistered(tokens[name], true) === true;

  function make<Name extends keyof Services>(name: Name): Services[Name] {
    if (application === undefined || !isOverridden(name)) return defaults.services[name](container);
    const service = application.resolve<Services[Name] | PromiseLike<unknown>>(tokens[name]);
    if ("then" in service)
      throw new TypeError(`tokens.${name} is registered as a promise; register what it resolves to`);
    return service;
  }
  const register = (token: symbol, factory: () => unknown): void =>
    void container.register(token, { useFactory: instanceCachingFactory(factory) });

  for (const name of names)
    register(tokens[name], () => (name === "log" ? defaults.wrapLog(make(name)) : make(name)));
  register(credentialsToken, () => defaults.credentials(container));

  const services = servicesOf(container);
  return {
    container,
    services,
    credentials: credentialsOf(container),
    isOverridden,
    publish: ({ imageProvider, imageSource }) => {
      container.register(tokens.imageProvider, { useValue: imageProvider });
      container.register(tokens.imageSource, { useValue: imageSource });
    },
  };
}

/** Resolves every service. */
function servicesOf(container: HostContainer): Services {
  return {
    engine: container.resolve<ContainerEngine>(tokens.engine),
    fetch: container.resolve<Fetch>(tokens.fetch),
    run: container.resolve<Run>(tokens.run),
    clock: container.resolve<Clock>(tokens.clock),
    log: container.resolve<Log>(tokens.log),
  };
}

/** Resolves the registry credentials of this composition. */
export function credentialsOf(container: HostContainer): RegistryCredentials {
  return container.resolve<RegistryCredentials>(credentialsToken);
}
