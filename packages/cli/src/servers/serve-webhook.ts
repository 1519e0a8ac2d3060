import {
  createPushReceiver,
  shortestWebhookSecret,
  webhookSecretVariable,
  type Host,
  type HostImageProvider,
} from "@molecule/host";
import type { WatchEvents } from "@molecule/core";
import type { ListenAddress } from "../options/listen-address.js";
import { usage } from "../options/usage.js";
import { openServer, type OpenServer } from "./open-server.js";
import type { WatchHealth } from "./watch-health.js";
import { withHealth } from "./with-health.js";

/** A server of webhooks, which runs until `close`. */
export interface ServedWebhook extends OpenServer {
  readonly events: WatchEvents;
}

/** The address, and what a push concerns. */
export interface WebhookRequest {
  readonly address: ListenAddress;
  readonly images: HostImageProvider;
  readonly runtimes: readonly string[];
  readonly secret: string;
  readonly log: Host["log"];
  readonly health: WatchHealth;
}

/** Receives push events at every path but `/health`. Rejects with `USAGE` if no runtime follows a branch. */
export async function serveWebhook({ address, health, ...options }: WebhookRequest): Promise<ServedWebhook> {
  const { events, handler, runtimes } = await createPushReceiver(options);
  const { images, log } = options;
  if (runtimes.length === 0) {
    throw usage(
      `--webhook has no effect: ${images.selection.source} builds none of these runtimes from a branch`,
      "Leave --webhook out. Pushes concern runtimes that are built from a branch, not pinned commits or pulled images.",
    );
  }
  const polled = options.runtimes.filter((runtime) => !runtimes.includes(runtime));
  if (polled.length > 0)
    log.warn("these runtimes follow no branch and are only polled", { runtimes: polled });
  const server = await openServer({
    option: "--webhook",
    serves: "webhooks",
    address,
    handler: withHealth(health, handler),
  });
  return { ...server, events };
}

/** Returns the secret, or throws `USAGE` if it is missing or too short. */
export function webhookSecret(env: Readonly<Record<string, string | undefined>>): string {
  const secret = env[webhookSecretVariable] ?? "";
  if (secret.length >= shortestWebhookSecret) return secret;
  throw usage(
    secret === ""
      ? `--webhook needs a secret, and ${webhookSecretVariable} is not set`
      : `${webhookSecretVariable} has fewer than ${String(shortestWebhookSecret)} characters`,
    `Set ${webhookSecretVariable} to the secret of the forge's webhook, for example the output of: openssl rand -hex 32`,
  );
}
