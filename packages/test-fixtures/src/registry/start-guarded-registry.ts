import { putImage } from "./put-image.js";
import { startRegistry } from "./start-registry.js";
import { watchRegistry, type WatchedRegistry } from "./watch-registry.js";

/** A registry that requires credentials, with one image in it. */
export interface GuardedRegistry extends WatchedRegistry {
  readonly user: string;
  readonly password: string;
  /** `HOST:PORT/team/<user>:latest`; contains the single file. */
  readonly image: string;
  /** The credentials received since the last reset, as `user:password`, each once. */
  told(): readonly string[];
  forget(): void;
  /** Stops the registry. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts a registry that accepts only this user, with an image in it, and a proxy that records the requests.
 * @param file name and content of the file in the image
 */
export async function startGuardedRegistry(
  user: string,
  password: string,
  file: readonly [name: string, content: string],
): Promise<GuardedRegistry> {
  const registry = await startRegistry({ htpasswd: { user, password } });
  const door = await watchRegistry(registry);
  const place = { host: registry.host, repository: `team/${user}`, credentials: { user, password } };
  await putImage({ ...place, files: Object.fromEntries([file]) });
  let from = 0;
  return {
    ...door,
    user,
    password,
    image: `${door.host}/team/${user}:latest`,
    told: () => {
      const written = door.requests.slice(from).map(({ headers }) => headers.authorization ?? "");
      return [...new Set(written.filter((text) => text !== ""))].map((text) =>
        Buffer.from(text.replace(/^Basic /, ""), "base64").toString("utf8"),
      );
    },
    forget: () => {
      from = door.requests.length;
    },
    stop: async () => {
      await door.stop();
      await registry.stop();
    },
  };
}
