import {
  withRegistryCredentials,
  type Call,
  type FindCredential,
  type Log,
  type RegistryCredential,
  type SourceServices,
} from "@molecule/core";

/** Passes registry credentials to a program, in a file that only this user can read and that exists only while it runs. */
export interface AuthFile {
  /**
   * Runs a request that registries may refuse, as `withRegistryCredentials` of core does.
   * @param registries the file has the credentials of these only
   * @param work gets the directory of the file; undefined if there are no credentials. Rejects with `SOURCE_DENIED` if a
   *   registry refuses
   */
  withCredentials<T>(
    registries: readonly string[],
    call: Pick<Call, "signal" | "log">,
    work: (directory: string | undefined) => Promise<T>,
  ): Promise<T>;
}

/** The format of a file with credentials. */
export interface AuthFileFormat {
  /** Such as `config.json`. */
  readonly name: string;
  /** Returns the key of a registry's entry. Default: the registry's host. */
  readonly keyOf?: (registry: string) => string;
}

/** Writes files as in containers-auth.json(5), of which the docker CLI's `config.json` is a variant. */
export function authFile(
  { credentials, store }: Pick<SourceServices, "credentials" | "store">,
  { name, keyOf = (registry) => registry }: AuthFileFormat,
): AuthFile {
  const content = async (registries: readonly string[], find: FindCredential): Promise<string> => {
    const auths: Record<string, object> = {};
    for (const registry of registries) {
      const found = await find(registry);
      if (found !== undefined) auths[keyOf(registry)] = entry(found);
    }
    return Object.keys(auths).length === 0 ? "" : JSON.stringify({ auths });
  };
  const written = async <T>(
    text: string,
    log: Log,
    work: (directory: string | undefined) => Promise<T>,
  ): Promise<T> => {
    if (text === "") return work(undefined);
    const directory = await store.workDirectory(".auth/file");
    try {
      await directory.write(name, text);
      return await work(directory.path);
    } finally {
      // The result or the error of the program matters more; the next call sweeps the leftovers.
      await directory.remove().catch((error: unknown) => {
        log.warn("cannot remove a file with registry credentials", {
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

function entry(credential: RegistryCredential): object {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  return "identityToken" in credential
    ? { auth: base64("<token>:"), identitytoken: credential.identityToken }
    : { auth: base64(`${credential.username}:${credential.password}`) };
}
