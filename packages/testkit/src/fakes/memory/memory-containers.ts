import { PassThrough } from "node:stream";
import { ImageSourceError, type ContainerEngine } from "@molecule/core";

type ContainerCalls = Pick<
  ContainerEngine,
  | "createContainer"
  | "startContainer"
  | "attachContainer"
  | "resizeContainer"
  | "waitContainer"
  | "containerLogs"
  | "inspectContainer"
  | "listContainers"
  | "signalContainer"
  | "stopContainer"
  | "removeContainer"
>;

interface Container {
  readonly name: string;
  readonly imageId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly prints: string;
  readonly stdout: PassThrough;
  readonly stderr: PassThrough;
}

/** Containers that print one text and exit with status 0. */
export function memoryContainers(printsOf: (imageId: string) => string | undefined): ContainerCalls {
  const containers = new Map<string, Container>();
  let made = 0;
  const known = (id: string): Container => {
    const container = containers.get(id);
    if (container === undefined) throw failed(`container not found: ${id}`);
    return container;
  };
  return {
    async createContainer({ name, imageId, labels }) {
      const prints = printsOf(imageId);
      if (prints === undefined) throw failed(`image not found: ${imageId}`);
      made += 1;
      const id = String(made).padStart(64, "0");
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      containers.set(id, { name: name ?? `memory-${String(made)}`, imageId, labels, prints, stdout, stderr });
      return { id };
    },
    async startContainer(id) {
      const { stdout, stderr, prints } = known(id);
      stdout.end(prints);
      stderr.end();
    },
    attachContainer: async (id) => known(id),
    resizeContainer: async () => undefined,
    async waitContainer(id) {
      known(id);
      return { exitCode: 0 };
    },
    containerLogs: async (id) => known(id).prints,
    async inspectContainer(id) {
      const container = containers.get(id);
      return container && { ...container, id, running: false, exitCode: 0, error: "" };
    },
    listContainers: async () => [...containers].map(([id, { name, imageId }]) => ({ id, name, imageId })),
    signalContainer: async () => undefined,
    stopContainer: async () => undefined,
    async removeContainer(id) {
      containers.delete(id);
    },
  };
}

function failed(message: string): ImageSourceError {
  return new ImageSourceError({
    code: "CONTAINER_FAILED",
    message,
    hint: "Create containers from images that the in-memory engine has built.",
  });
}
