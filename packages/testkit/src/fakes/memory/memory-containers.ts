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
  | "openContainerLogs"
  | "execInContainer"
  | "copyIntoContainer"
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
  state: "created" | "exited";
}

/** Containers that print one text and exit with status 0. They run no programs, and ignore files. */
export function memoryContainers(printsOf: (imageId: string) => string | undefined): ContainerCalls {
  const containers = new Map<string, Container>();
  let made = 0;
  const known = (id: string): Container => {
    const container = containers.get(id);
    if (container === undefined) throw failed(`container not found: ${id}`);
    return container;
  };
  const find = (nameOrId: string): [string, Container] | undefined =>
    [...containers].find(([id, { name }]) => id === nameOrId || name === nameOrId);
  return {
    async createContainer({ name, imageId, labels }) {
      const prints = printsOf(imageId);
      if (prints === undefined) throw failed(`image not found: ${imageId}`);
      if (name !== undefined && find(name) !== undefined) throw conflict(name);
      made += 1;
      const id = String(made).padStart(64, "0");
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      const container = { imageId, labels, prints, stdout, stderr, state: "created" } as const;
      containers.set(id, { ...container, name: name ?? `memory-${String(made)}` });
      return { id };
    },
    async startContainer(id) {
      const container = known(id);
      container.stdout.end(container.prints);
      container.stderr.end();
      container.state = "exited";
    },
    attachContainer: async (id) => known(id),
    resizeContainer: async () => undefined,
    async waitContainer(id) {
      known(id);
      return { exitCode: 0 };
    },
    containerLogs: async (id) => known(id).prints,
    async openContainerLogs(id) {
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      stdout.end(known(id).prints);
      stderr.end();
      return { stdout, stderr };
    },
    async execInContainer(id) {
      known(id);
      throw failed(`container ${id} runs no programs`);
    },
    async copyIntoContainer(id) {
      known(id);
    },
    async inspectContainer(nameOrId) {
      const [id, container] = find(nameOrId) ?? [];
      if (id === undefined || container === undefined) return undefined;
      const { name, imageId, labels } = container;
      return { id, name, imageId, labels, running: false, exitCode: 0, error: "" };
    },
    listContainers: async ({ labels = [] }) =>
      [...containers]
        .map(([id, { name, imageId, labels: own, state }]) => ({ id, name, imageId, labels: own, state }))
        .filter(({ labels: own }) => labels.every((label) => hasLabel(own, label))),
    signalContainer: async () => undefined,
    stopContainer: async () => undefined,
    async removeContainer(id) {
      containers.delete(id);
    },
  };
}

function hasLabel(labels: Readonly<Record<string, string>>, label: string): boolean {
  const [key = "", ...rest] = label.split("=");
  return rest.length === 0 ? key in labels : labels[key] === rest.join("=");
}

function conflict(name: string): ImageSourceError {
  return new ImageSourceError({
    code: "CONTAINER_CONFLICT",
    message: `the name ${name} is in use`,
    hint: "Remove the container of that name, or choose another name.",
  });
}

function failed(message: string): ImageSourceError {
  return new ImageSourceError({
    code: "CONTAINER_FAILED",
    message,
    hint: "Create containers from images that the in-memory engine has built.",
  });
}
