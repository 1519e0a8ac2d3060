import type { ContainerSpec, EnsuredImage } from "@molecule/core";
import { containerLabels, managedBy } from "./container-labels.js";
import type { StartRequest } from "./start-request.js";

/** Returns the container to create for a request. */
export function containerSpec(image: EnsuredImage, request: StartRequest): ContainerSpec {
  const { name, env = {}, args, labels, stdin, terminal, runtime, create } = request;
  return {
    name,
    imageId: image.imageId,
    platform: image.platform,
    env,
    args,
    labels: {
      ...labels,
      [containerLabels.managedBy]: managedBy,
      ...(runtime === undefined ? {} : { [containerLabels.runtime]: runtime }),
    },
    autoRemove: request.autoRemove ?? create?.HostConfig?.AutoRemove ?? false,
    stdin,
    terminal,
    create,
  };
}
