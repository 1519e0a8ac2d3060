import { putImage } from "./put-image.js";
import { startRegistry } from "./start-registry.js";
import { watchRegistry, type WatchedRegistry } from "./watch-registry.js";

/** A registry that asks who comes, with one image in it. */
export interface GuardedRegistry extends WatchedRegistry {
  readonly user: string;
  readonly password: string;
  /** `HOST:PORT/team/<user>:latest`; holds the one file. */
  readonly image: string;
  /** The credentials received since the last reset, as `user:password`, each once. */
  told(): readonly string[];
  forget(): void;
  /** Ends it. May be repeated. */
  stop(): Promise<void>;
}

/**
 * A registry that lets only this user in, with an image in it, and a door that sees what is sent.
 * @param file name and content of what the image holds
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
