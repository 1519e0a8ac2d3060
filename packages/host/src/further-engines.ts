import type { ContainerEngine, SourceServices } from "@molecule/core";
import { createDockerEngine, plainEngineEndpoint, type DockerEngineOptions } from "@molecule/engine";

/** The engines that sources have opened beside the configured one. */
export interface FurtherEngines {
  readonly connect: SourceServices["connectEngine"];
  /** The one that was found at this address; undefined when none was. */
  at(address: string): ContainerEngine | undefined;
  close(): Promise<void>;
}

/** Contacts nothing. */
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
