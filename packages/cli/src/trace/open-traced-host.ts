import type { Mask, Observer } from "@molecule/core";
import type { Host } from "@molecule/host";
import { bothObservers } from "./both-observers.js";
import { openTrace } from "./open-trace.js";

/** Opens a host whose work is shown in a timeline, which ends when the host closes. Rejects with `USAGE`. */
export async function openTracedHost(
  path: string,
  mask: Mask,
  observer: Observer | undefined,
  open: (observer: Observer) => Promise<Host>,
): Promise<Host> {
  const trace = openTrace(path, mask);
  const traced = observer === undefined ? trace.observer : bothObservers(trace.observer, observer);
  try {
    const host = await trace.span("read the configuration", () => open(traced));
    return {
      ...host,
      createProvider: () => trace.span("open the source", () => host.createProvider()),
      close: async () => {
        const incomplete = trace.close();
        if (incomplete !== undefined)
          host.log.warn("the trace is incomplete", { file: path, reason: incomplete });
        await host.close();
      },
    };
  } catch (error) {
    trace.close();
    throw error;
  }
}
