import type { IncomingHttpHeaders, RequestListener } from "node:http";
import {
  configInvalid,
  silentLog,
  systemClock,
  type Clock,
  type Log,
  type Upstream,
  type WatchEvents,
} from "@molecule/core";
import type { HostImageProvider } from "../contract/host.js";
import { isSigned } from "./is-signed.js";
import { limitedLog } from "./limited-log.js";
import { parsePush } from "./parse-push.js";
import { pushedRuntimes } from "./pushed-runtimes.js";
import { maxBodyBytes, pushHandler } from "./push-handler.js";
import type { PushRequest, PushResponse } from "./push-request.js";
import { shortestWebhookSecret } from "../config/webhook-secret.js";
import { seenRequests } from "./seen-requests.js";

/** The runtimes whose templates are pushed to, and the secret of the webhooks. */
export interface PushReceiverOptions {
  readonly images: Pick<HostImageProvider, "upstreamOf">;
  readonly runtimes: Iterable<string>;
  /** Configured in the webhook of each repository or organisation. At least 8 characters. */
  readonly secret: string;
  readonly log?: Log | undefined;
  /** Default: the machine's clock. */
  readonly clock?: Clock | undefined;
}

/** Receives push events of forges. */
export interface PushReceiver {
  /** Pass it to `watchImages`. */
  readonly events: WatchEvents;
  /** The runtimes whose images follow a branch. Pushes are received for no others. */
  readonly runtimes: readonly string[];
  /** Checks a request and announces its push. Never throws. */
  receive(request: PushRequest): PushResponse;
  /** Reads a request of `node:http`, Express or Connect, receives it, and sends the response. */
  readonly handler: RequestListener;
}

/** Creates the receiver, or throws the error with which `createPushReceiver` rejects. */
export function pushReceiver({
  images,
  runtimes,
  secret,
  log = silentLog,
  clock = systemClock,
}: PushReceiverOptions): PushReceiver {
  assertSecret(secret);
  const upstreams = new Map<string, Upstream>();
  for (const runtime of runtimes) {
    const upstream = images.upstreamOf(runtime);
    if (upstream !== undefined) upstreams.set(runtime, upstream);
  }
  const listeners = new Set<(runtime: string) => void>();
  const seen = seenRequests(clock);
  // Anybody who reaches the port can cause these lines.
  const warnings = limitedLog(log, clock);

  function receive({ headers, body = new Uint8Array() }: PushRequest): PushResponse {
    if (body.length > maxBodyBytes) return refused(413, "the body is too large");
    if (!isSigned(headers, body, secret)) return refused(401, "the signature is missing or wrong");
    const push = parsed(headers, body);
    if ("error" in push) return refused(400, push.error);
    if ("ignored" in push) return ignored(push.ignored);
    const changed = pushedRuntimes(push, upstreams);
    if (changed.length === 0) return ignored("no watched runtime is built from this branch");
    if (seen.hasSeen(body)) return ignored("this event was received before");
    log.info("received a push", { runtimes: changed, repository: push.repository, branch: push.branch });
    for (const runtime of changed) for (const listener of listeners) listener(runtime);
    return { status: 202, body: { runtimes: changed } };
  }

  function refused(status: number, error: string): PushResponse {
    warnings.warn("refused a webhook request", { status, why: error });
    return { status, body: { error } };
  }

  function ignored(why: string): PushResponse {
    log.debug("ignored a webhook request", { why });
    return { status: 200, body: { ignored: why } };
  }

  return {
    events: {
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    runtimes: [...upstreams.keys()],
    receive,
    handler: pushHandler(receive, refused),
  };
}

function parsed(
  headers: IncomingHttpHeaders,
  body: Uint8Array,
): ReturnType<typeof parsePush> | { readonly error: string } {
  try {
    return parsePush(headers, body);
  } catch {
    return { error: "the body is not JSON" };
  }
}

function assertSecret(secret: unknown): void {
  if (typeof secret === "string" && secret.length >= shortestWebhookSecret) return;
  throw configInvalid(
    `the secret of a webhook must have at least ${String(shortestWebhookSecret)} characters`,
    "Set the same secret here and in the forge's webhook, for example the output of: openssl rand -hex 32",
  );
}
