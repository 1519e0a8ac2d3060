import { text } from "node:stream/consumers";
import type { ContainerEngine, Platform } from "@molecule/core";

/** An image and the platform of its containers. */
export interface RunnableImage {
  readonly imageId: string;
  readonly platform: Platform;
}

/** Runs a container of the image to its end, removes it, and returns its standard output. */
export async function runImage(
  engine: ContainerEngine,
  { imageId, platform }: RunnableImage,
  args?: readonly string[],
): Promise<string> {
  const { id } = await engine.createContainer({
    name: undefined,
    imageId,
    platform,
    env: {},
    args,
    labels: {},
    autoRemove: false,
  });
  try {
    const output = await engine.attachContainer(id);
    output.stderr.resume();
    await engine.startContainer(id);
    const printed = await text(output.stdout);
    await engine.waitContainer(id);
    return printed;
  } finally {
    await engine.removeContainer(id, { force: true });
  }
}
