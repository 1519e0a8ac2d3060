import type { PushReceiver, PushReceiverOptions } from "./webhook/push-receiver.js";

/**
 * Creates a receiver for the push events of Gitea, Forgejo, GitHub and GitLab. It opens no port. Rejects with
 * `CONFIG_INVALID` for a secret that is missing or too short, and with `RUNTIME_UNKNOWN` or `CONFIG_INVALID` for a
 * runtime that has no usable template.
 */
export async function createPushReceiver(options: PushReceiverOptions): Promise<PushReceiver> {
  // Loaded late, with node:crypto: most applications receive no webhooks.
  const { pushReceiver } = await import("./webhook/push-receiver.js");
  return pushReceiver(options);
}
