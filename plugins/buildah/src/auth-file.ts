import {
  withRegistryCredentials,
  type Call,
  type FindCredential,
  type Log,
  type RegistryCredential,
  type SourceServices,
} from "@molecule/core";

/** Passes registry credentials to buildah, in a file that only this user can read and that exists only while buildah runs. */
export interface AuthFile {
  /**
   * Runs a request that registries may refuse, as {@link withRegistryCredentials} does.
   * @param registries buildah gets the credentials of these only; if there are none, it uses its own logins
   * @param work gets the arguments that name the file; rejects with `SOURCE_DENIED` if a registry refuses
   */
  withCredentials<T>(
    registries: readonly string[],
    call: Pick<Call, "signal" | "log">,
    work: (args: readonly string[]) => Promise<T>,
  ): Promise<T>;
}

export function authFile({ credentials, store }: Pick<SourceServices, "credentials" | "store">): AuthFile {
  const content = async (registries: readonly string[], find: FindCredential): Promise<string> => {
    const auths: Record<string, object> = {};
    for (const registry of registries) {
      const found = await find(registry);
      if (found !== undefined) auths[registry] = entry(found);
    }
    return Object.keys(auths).length === 0 ? "" : JSON.stringify({ auths });
  };
  const written = async <T>(
    text: string,
    log: Log,
    work: (args: readonly string[]) => Promise<T>,
  ): Promise<T> => {
    if (text === "") return work([]);
    const directory = await store.workDirectory(".auth/file");
    try {
      return await work([`--authfile=${await directory.write("auth.json", text)}`]);
    } finally {
      // The result or the error of buildah matters more; the next call sweeps the leftovers.
      await directory.remove().catch((error: unknown) => {
        log.warn("cannot remove the credentials for buildah", {
          directory: directory.path,
          error: String(error),
        });
      });
    }
  };
  return {
    withCredentials: (registries, call, work) =>
      withRegistryCredentials(credentials, call, async (find) =>
        written(await content(registries, find), call.log, work),
      ),
  };
}

/** An entry as in containers-auth.json(5). */
function entry(credential: RegistryCredential): object {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  return "identityToken" in credential
    ? { auth: base64("<token>:"), identitytoken: credential.identityToken }
    : { auth: base64(`${credential.username}:${credential.password}`) };
}
