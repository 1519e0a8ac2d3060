import type { ContainerEngine, SourceServices } from "@molecule/core";
import { createDockerEngine, plainEngineEndpoint, type DockerEngineOptions } from "@molecule/engine";

/** The engines that sources have connected to in addition to the configured one. */
export interface FurtherEngines {
  readonly connect: SourceServices["connectEngine"];
  /** Returns the engine at this address; undefined if there is none. */
  at(address: string): ContainerEngine | undefined;
  close(): Promise<void>;
}

/** Creates an empty set of engines. Contacts nothing. */
export function furtherEngines(options: DockerEngineOptions): FurtherEngines {
  const opened: { readonly engine: ContainerEngine; address: string | undefined }[] = [];
  return {
    connect: (address, origin) => {
      const engine = createDockerEngine(async () => {
        const written = typeof address === "string" ? address : await address();
        const endpoint = await plainEngineEndpoint(written, origin);
        entry.address = endpoint.address;
        return endpoint;
      }, options);
      const entry: (typeof opened)[number] = { engine, address: undefined };
      opened.push(entry);
      return engine;
    },
    at: (address) => opened.find((entry) => entry.address === address)?.engine,
    close: async () => {
      await Promise.all(opened.map(({ engine }) => engine.close()));
    },
  };
}
