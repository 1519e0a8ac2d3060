import {
  defaultPlatform,
  type ContainerEngine,
  type ContainerInspection,
  type ContainerSpec,
  type EnsuredImage,
} from "@molecule/core";

export const imageId = `sha256:${"a".repeat(64)}`;
export const address = "unix:///fake/d.sock";

/** Returns an image as `ensure` does. */
export function readyImage(facts: Partial<EnsuredImage> = {}): EnsuredImage {
  return {
    source: "fake",
    reference: "molecule-local/workspace-template-hermes:0123456789ab",
    imageId,
    digest: null,
    revision: null,
    platform: defaultPlatform,
    buildKey: null,
    engine: { kind: "docker", address },
    cached: true,
    stale: false,
    durationMs: 1,
    ...facts,
  };
}

export interface FakeEngine {
  readonly engine: ContainerEngine;
  /** The calls in order: the verb, and its first argument if that is a string. */
  readonly calls: string[];
  /** The existing containers, by ID. */
  readonly containers: Map<string, ContainerInspection>;
  readonly created: ContainerSpec[];
}

/** A container engine in memory, with verbs that a test can replace. Any other verb throws. */
export function fakeEngine(verbs: Partial<ContainerEngine> = {}): FakeEngine {
  const calls: string[] = [];
  const containers = new Map<string, ContainerInspection>();
  const created: ContainerSpec[] = [];
  const find = (nameOrId: string): ContainerInspection | undefined =>
    [...containers.values()].find(({ id, name }) => id.startsWith(nameOrId) || name === nameOrId);
  const known: Partial<ContainerEngine> = {
    identify: async () => ({ kind: "docker", address }),
    inspectContainer: async (nameOrId) => find(nameOrId),
    createContainer: async (spec) => {
      const id = `c${String(containers.size)}`;
      created.push(spec);
      containers.set(id, {
        id,
        name: spec.name ?? "invented",
        imageId: spec.imageId,
        labels: spec.labels,
        running: false,
        exitCode: 0,
        error: "",
      });
      return { id };
    },
    startContainer: async () => undefined,
    waitContainer: async () => ({ exitCode: 0 }),
    removeContainer: async (id) => {
      containers.delete(id);
    },
    ...verbs,
  };
  const engine = new Proxy({} as ContainerEngine, {
    get: (_target, verb: keyof ContainerEngine | "then") => {
      // An engine is no promise.
      if (verb === "then") return undefined;
      return (...args: readonly unknown[]): unknown => {
        calls.push(typeof args[0] === "string" ? `${verb} ${args[0]}` : verb);
        const method = known[verb] as ((...args: readonly unknown[]) => unknown) | undefined;
        if (method === undefined) throw new Error(`unexpected call: ${verb}`);
        return method(...args);
      };
    },
  });
  return { engine, calls, containers, created };
}
