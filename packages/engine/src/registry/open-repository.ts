import { boundedGet, type BoundedGetRequest, type BoundedResponse } from "@molecule/node-edges";
import { ImageSourceError, type ImageReference } from "@molecule/core";
import { authorization } from "./authorization.js";
import type { RegistryAccess } from "./registry-access.js";

/** A request for a part of a repository. */
export type RepositoryRequest = Pick<BoundedGetRequest, "method" | "content" | "allowsOtherOrigins"> & {
  readonly accept: string;
};

/** A repository of a registry. */
export interface Repository {
  /**
   * Requests a path below the repository, such as `manifests/latest`. Returns a response with any status. Sends
   * credentials only when the registry requests them.
   */
  request(path: string, request: RepositoryRequest): Promise<BoundedResponse>;
}

/** Registries accept manifests of up to 4 MiB. The limit also holds for the configurations of images. */
const maxBytes = 4 * 1024 * 1024;
const defaultDeadlineMs = 30_000;

/** Opens the repository of a reference. Contacts nothing before the first request. */
export function openRepository(
  { registry, repository }: Pick<ImageReference, "registry" | "repository">,
  access: RegistryAccess,
): Repository {
  const { fetch, signal, schemes, deadlineMs = defaultDeadlineMs } = access;
  const place = `${apiHostOf(registry)}/v2/${repository}`;
  // Known after the first response.
  let origin: string | undefined;
  let header: string | undefined;

  const send = (url: string, { accept, ...request }: RepositoryRequest): Promise<BoundedResponse> => {
    const headers = { accept, ...(header === undefined ? {} : { authorization: header }) };
    return boundedGet(fetch, url, { ...request, maxBytes, deadlineMs, headers, signal });
  };

  async function firstResponse(path: string, request: RepositoryRequest): Promise<BoundedResponse> {
    let failure: unknown;
    for (const scheme of schemes) {
      const url = `${scheme}://${place}/${path}`;
      try {
        const response = await send(url, request);
        // A TLS server's response to plain http.
        if (response.status === 400 && scheme === "http") continue;
        ({ origin } = new URL(url));
        return response;
      } catch (error) {
        signal.throwIfAborted();
        failure ??= error;
      }
    }
    throw failure ?? unreachable(place, schemes);
  }

  return {
    async request(path, request) {
      const response =
        origin === undefined
          ? await firstResponse(path, request)
          : await send(`${origin}/v2/${repository}/${path}`, request);
      // A server that the registry redirects to gets no credentials.
      if (response.status !== 401 || new URL(response.url).origin !== origin) return response;
      header = await authorization(response, access);
      return header === undefined ? response : send(`${origin}/v2/${repository}/${path}`, request);
    },
  };
}

/** Docker Hub's registry has a different host than its image names. */
function apiHostOf(registry: string): string {
  return registry === "docker.io" ? "registry-1.docker.io" : registry;
}

function unreachable(place: string, schemes: readonly string[]): ImageSourceError {
  return new ImageSourceError({
    code: "SOURCE_UNREACHABLE",
    message: `${place} cannot be reached over ${schemes.join(" or ")}`,
    hint: "Check that this machine can reach the registry.",
  });
}
