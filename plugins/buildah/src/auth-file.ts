import { isImageSourceError, type Call, type RegistryCredential, type SourceServices } from "@molecule/core";

/** Tells buildah the credentials of registries: in a file that only this user can read, for as long as it runs. */
export interface AuthFile {
  /**
   * Runs a request that registries may refuse. Refused credentials are looked up again, and if they have changed
   * the work is done once again.
   * @param registries whose credentials buildah may use, and no others; where there are none for any of them, it uses
   * its own logins
   * @param work is given the arguments that name the file; rejects with `SOURCE_DENIED` when a registry refuses
   */
  lend<T>(
    registries: readonly string[],
    call: Pick<Call, "signal">,
    work: (args: readonly string[]) => Promise<T>,
  ): Promise<T>;
}

export function authFile({ credentials, store }: Pick<SourceServices, "credentials" | "store">): AuthFile {
  const content = async (
    registries: readonly string[],
    signal: AbortSignal,
    fresh: boolean,
  ): Promise<string> => {
    const auths: Record<string, object> = {};
    for (const registry of registries) {
      const found = await credentials.find(registry, { signal, fresh });
      if (found !== undefined) auths[registry] = entry(found);
    }
    return Object.keys(auths).length === 0 ? "" : JSON.stringify({ auths });
  };
  const written = async <T>(text: string, work: (args: readonly string[]) => Promise<T>): Promise<T> => {
    if (text === "") return work([]);
    const directory = await store.workDirectory(".auth/file");
    try {
      return await work([`--authfile=${await directory.write("auth.json", text)}`]);
    } finally {
      await directory.remove();
    }
  };
  return {
    async lend(registries, { signal }, work) {
      const text = await content(registries, signal, false);
      try {
        return await written(text, work);
      } catch (error) {
        if (!isImageSourceError(error) || error.code !== "SOURCE_DENIED") throw error;
        const fresh = await content(registries, signal, true);
        if (fresh === text) throw error;
        return written(fresh, work);
      }
    },
  };
}

/** As containers-auth.json(5) has it. */
function entry(credential: RegistryCredential): object {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  return "identityToken" in credential
    ? { auth: base64("<token>:"), identitytoken: credential.identityToken }
    : { auth: base64(`${credential.username}:${credential.password}`) };
}
