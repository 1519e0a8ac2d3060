import { createServer, type ListenOptions, type Socket } from "node:net";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { temporaryDirectory } from "@molecule/testkit/internal";
import { FaultPlan } from "./fault-plan.js";
import type { FaultProxy, ProxiedRequest } from "./fault-proxy.js";
import { ProxiedConnection } from "./proxied-connection.js";
import { proxyTarget } from "./proxy-target.js";

/**
 * Starts a proxy in front of an engine's socket or a server on this machine: `unix:///path`, `tcp://HOST:PORT`,
 * `http://HOST:PORT/base` or `HOST:PORT`. The target may be down. A connection may be HTTP/1, kept alive, upgraded, or
 * anything else. Throws a `TypeError` for a target that is not on this machine.
 */
export async function startFaultProxy({ target }: { readonly target: string }): Promise<FaultProxy> {
  const { place, addressOf } = proxyTarget(target);
  const directory = "path" in place ? await temporaryDirectory() : undefined;
  const plan = new FaultPlan();
  const requests: ProxiedRequest[] = [];
  const running = new Map<ProxiedConnection, Promise<void>>();

  const server = createServer({ allowHalfOpen: true }, (client: Socket) => {
    const connection = new ProxiedConnection(client, place, plan, (request) => requests.push(request));
    const end = connection.run().then(() => void running.delete(connection));
    running.set(connection, end);
  });
  const listen = async (where: ListenOptions): Promise<void> => {
    if (server.listening) return;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(where, () => {
        server.off("error", reject);
        resolve();
      });
    });
  };
  const cut = (): void => {
    for (const connection of running.keys()) connection.end();
  };
  const refuse = async (): Promise<void> => {
    // Its callback waits for every connection to end; the socket itself is closed on the next tick.
    server.close();
    await nextTurn();
  };

  await listen(
    directory === undefined ? { host: "127.0.0.1", port: 0 } : { path: join(directory.path, "d.sock") },
  );
  const bound = server.address();
  const where: ListenOptions =
    typeof bound === "string" ? { path: bound } : { host: "127.0.0.1", port: bound?.port ?? 0 };
  return {
    address: addressOf(where.path ?? `127.0.0.1:${String(where.port)}`),
    fault: (fault, match = {}) => {
      plan.add(fault, match);
    },
    clear: () => {
      plan.clear();
    },
    requests,
    get connections() {
      return running.size;
    },
    cut,
    refuse,
    listen: () => listen(where),
    stop: async () => {
      await refuse();
      cut();
      await Promise.all(running.values());
      await directory?.remove();
    },
  };
}
