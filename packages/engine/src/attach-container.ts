import { PassThrough, type Writable } from "node:stream";
import type { ContainerOutput, EngineCall } from "@molecule/core";
import { outputPieces } from "./container-frames.js";
import { containerPath, containerFailure } from "./container-failure.js";
import type { EngineConnection } from "./engine-connection.js";

/**
 * Output from now on; attach before the start to miss nothing. Both streams are to be read, or destroyed: one that
 * is left full holds up the other. The signal goes on to hold: when it aborts, both are destroyed with its reason.
 */
export async function attachContainer(
  connection: EngineConnection,
  id: string,
  { signal }: EngineCall,
): Promise<ContainerOutput> {
  const query = { stream: "1", stdout: "1", stderr: "1" };
  let answer;
  try {
    answer = await connection.open({ method: "POST", path: `${containerPath(id)}/attach`, query, signal });
  } catch (error) {
    throw containerFailure(error, id, connection.address);
  }
  const output = { stdout: new PassThrough(), stderr: new PassThrough() };
  const streams = Object.values(output);
  // A caller may listen to one of them only: a failure must not be an uncaught one in the other.
  for (const stream of streams) stream.on("error", () => undefined);
  const pump = async (): Promise<void> => {
    for await (const { stream, bytes } of outputPieces(answer)) await write(output[stream], bytes);
  };
  pump().then(
    () => {
      for (const stream of streams) stream.end();
    },
    (error: unknown) => {
      const meant = connection.explain(error, { signal });
      for (const stream of streams) stream.destroy(meant instanceof Error ? meant : undefined);
    },
  );
  return output;
}

async function write(stream: Writable, bytes: Uint8Array): Promise<void> {
  if (stream.destroyed || stream.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      stream.off("drain", go);
      stream.off("close", go);
      resolve();
    };
    stream.on("drain", go);
    stream.on("close", go);
  });
}
