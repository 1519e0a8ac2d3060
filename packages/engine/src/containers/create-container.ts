import type { ContainerSpec, EngineCall } from "@molecule/core";
import { cancellation, hasLeft } from "../connection/cancellation.js";
import { containerBody } from "./container-body.js";
import { containerConflict, containerFailure, isRefusal, shownContainer } from "./container-failure.js";
import { removeContainer } from "./container-calls.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import type { EngineRefusal } from "../connection/engine-errors.js";
import { someWorkMs } from "../connection/engine-request.js";
import { fieldsOf, textOf } from "../connection/json-fields.js";

/** How long an aborted call waits for the ID of the created container, so that it can be removed. */
const cleanupMs = 10_000;

/** Creates a container by image ID: a missing image is an error and is never pulled. */
export async function createContainer(
  connection: EngineConnection,
  spec: ContainerSpec,
  { signal }: EngineCall,
): Promise<{ readonly id: string }> {
  if (hasLeft(signal)) throw cancellation(signal);
  const extended = abortLater(signal);
  const shown = spec.name === undefined ? `a container of ${spec.imageId}` : shownContainer(spec.name);
  const action = `create ${shown}`;
  try {
    const response = await connection.ask({
      method: "POST",
      path: "/containers/create",
      query: { name: spec.name, platform: spec.platform },
      json: containerBody(spec),
      workMs: someWorkMs,
      signal: extended.signal,
    });
    const id = textOf(fieldsOf(response).Id);
    if (!hasLeft(signal)) return { id };
    await removeContainer(connection, id, { force: true }, {});
    throw cancellation(signal);
  } catch (error) {
    if (hasLeft(signal)) throw cancellation(signal);
    if (isRefusal(error, 409) || isTakenOnPodman(error)) {
      throw containerConflict(error, action, "Remove the container of that name, or choose another name.");
    }
    throw containerFailure(error, action, connection.address);
  } finally {
    extended.end();
  }
}

/**
 * Podman returns status 500, as for any failure. Measured on 4.3.1, 5.4.2 and 5.8.6: `creating container storage: the
 * container name "…" is already in use by …: that name is already in use`. If two containers are created at the same time,
 * the text may end with `by an external entity`: the other one is stored but not yet registered, so no lookup finds it.
 */
function isTakenOnPodman(error: unknown): error is EngineRefusal {
  return (
    isRefusal(error, 500) && /: that name is already in use(?: by an external entity)?$/.test(error.text)
  );
}

/** Returns a signal that aborts some time after the given one. */
function abortLater(signal: AbortSignal | undefined): { readonly signal: AbortSignal; end(): void } {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    timer = setTimeout(() => {
      late.abort();
    }, cleanupMs);
  };
  signal?.addEventListener("abort", begin, { once: true });
  return {
    signal: late.signal,
    end: () => {
      signal?.removeEventListener("abort", begin);
      clearTimeout(timer);
    },
  };
}
