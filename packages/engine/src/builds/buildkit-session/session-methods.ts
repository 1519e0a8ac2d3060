import type { FindCredential } from "@molecule/core";
import { protobufFields } from "./protobuf-fields.js";
import { protobufMessage } from "./protobuf-message.js";
import { diffCopy, diffCopyPath } from "./diff-copy.js";
import { GrpcFailure, grpcCodes } from "./grpc-failure.js";
import type { GrpcMethods } from "./serve-grpc.js";
import type { FetchedContext } from "./watch-context.js";

/** The data that a session provides to the builder during a build. */
export interface SessionHandlers {
  readonly credential: FindCredential;
  readonly secrets: Readonly<Record<string, Uint8Array>>;
  readonly context: FetchedContext;
}

/*
 * github.com/moby/buildkit, session/auth/auth.proto and session/secrets/secrets.proto; grpc/health/v1/health.proto. The
 * other methods of Auth (FetchToken, GetTokenAuthority, VerifyTokenAuthority) would make this process talk to
 * registries on the builder's behalf. Since they are not implemented, BuildKit requests the credentials and talks to
 * the registries itself.
 */
export function sessionMethods({ credential, secrets, context }: SessionHandlers): GrpcMethods {
  return {
    [diffCopyPath]: diffCopy(context),

    // The engine drops a session that does not respond to its health check every few seconds.
    "/grpc.health.v1.Health/Check": () => protobufMessage([[1, serving]]),

    "/moby.filesync.v1.Auth/Credentials": async (request) => {
      const found = await credential(registryOf(firstText(request)));
      if (found === undefined) return protobufMessage([]);
      if ("identityToken" in found) return protobufMessage([[2, found.identityToken]]);
      return protobufMessage([
        [1, found.username],
        [2, found.password],
      ]);
    },

    "/moby.buildkit.secrets.v1.Secrets/GetSecret": (request) => {
      const id = firstText(request);
      const value = Object.hasOwn(secrets, id) ? secrets[id] : undefined;
      if (value === undefined) throw new GrpcFailure(grpcCodes.notFound, "secret not found");
      return protobufMessage([[1, value]]);
    },
  };
}

const serving = 1;

/** BuildKit refers to Docker Hub by the host that serves it. */
function registryOf(host: string): string {
  return host === "registry-1.docker.io" ? "docker.io" : host;
}

/** Returns field 1 of a message: the host, or the secret's ID. */
function firstText(message: Uint8Array): string {
  for (const { number, bytes } of protobufFields(message))
    if (number === 1) return Buffer.from(bytes).toString("utf8");
  return "";
}
