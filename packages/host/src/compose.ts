import {
  tokens,
  type Clock,
  type ContainerEngine,
  type Fetch,
  type ImageProvider,
  type ImageSource,
  type Log,
  type Run,
} from "@molecule/core";
// Types only: whoever hands in a container has loaded tsyringe, and who does not need not wait for it (40 ms).
import type { DependencyContainer } from "tsyringe";

/** The host application's own container. */
export type HostContainer = DependencyContainer;

/** What the host gives to sources, and what a host application may replace. */
export interface Services {
  readonly engine: ContainerEngine;
  readonly fetch: Fetch;
  readonly run: Run;
  readonly clock: Clock;
  readonly log: Log;
}

type Defaults = { readonly [Name in keyof Services]: () => Services[Name] };

export interface Composition {
  readonly services: Services;
  /** A child of the host application's container; undefined when it has none. */
  readonly container: HostContainer | undefined;
  /** Whether the application brought this service itself. */
  isOverridden(name: keyof Services): boolean;
  /** Makes the finished parts resolvable in the child. */
  publish(parts: { readonly imageProvider: ImageProvider; readonly imageSource: ImageSource }): void;
}

/**
 * Takes each service from the container where the application registered one, else from the defaults, and registers
 * what counts in a child container. Throws a `TypeError` for a registered promise: tsyringe does not await factories.
 * @param settle has the last word on each service, wherever it came from
 */
export function compose(
  container: HostContainer | undefined,
  defaults: Defaults,
  settle: (services: Services) => Services,
): Composition {
  const child = container?.createChildContainer();
  const isOverridden = (name: keyof Services): boolean =>
    container?.isRegistered(tokens[name], true) === true;
  function service<Name extends keyof Services>(name: Name): Services[Name] {
    if (container === undefined || !isOverridden(name)) return defaults[name]();
    const found = container.resolve<Services[Name] | PromiseLike<unknown>>(tokens[name]);
    if ("then" in found)
      throw new TypeError(`tokens.${name} is registered as a promise; register what it resolves to`);
    return found;
  }

  const services = settle({
    engine: service("engine"),
    fetch: service("fetch"),
    run: service("run"),
    clock: service("clock"),
    log: service("log"),
  });
  const register = (name: keyof typeof tokens, value: unknown): void =>
    void child?.register(tokens[name], { useValue: value });
  register("engine", services.engine);
  register("fetch", services.fetch);
  register("run", services.run);
  register("clock", services.clock);
  register("log", services.log);
  return {
    services,
    container: child,
    isOverridden,
    publish: ({ imageProvider, imageSource }) => {
      register("imageProvider", imageProvider);
      register("imageSource", imageSource);
    },
  };
}
