import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { silentLog } from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { temporaryDirectory } from "@molecule/test-fixtures";
import { helloTemplate, startForge, type Forge, type TemplateFiles } from "@molecule/testkit";
import { compose } from "./compose.js";
import { createServer } from "./server.js";

/** The application, with a real engine and a real forge. */
export interface RunningApp {
  readonly url: string;
  readonly forge: Forge;
  /** Names of the workspace containers that still exist. */
  containers(): Promise<readonly string[]>;
  /** Stops only the application. May be called more than once. */
  close(): Promise<void>;
  /** Stops everything and removes what the test created. */
  stop(): Promise<void>;
}

export async function startApp(engineAddress: string): Promise<RunningApp> {
  const directory = await temporaryDirectory();
  const forge = await startForge();
  const isolation = `app-${randomBytes(4).toString("hex")}`;
  const env = {
    PATH: process.env.PATH,
    HOME: directory.path,
    DOCKER_HOST: engineAddress,
    MOLECULE_LOCAL_BUILD_CACHE: join(directory.path, "cache"),
    MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: forge.repoPrefix(),
    MOLECULE_LOCAL_IMAGE_ISOLATION: isolation,
  };
  const server = createServer(
    await compose({ env, cwd: directory.path, home: directory.path, log: silentLog }),
  );
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  const engine = createDockerEngine(() =>
    findEngineEndpoint({ env: { DOCKER_HOST: engineAddress }, home: "/nonexistent" }),
  );
  const known = new Set<string>();
  let end: Promise<void> | undefined;
  const app: RunningApp = {
    url,
    forge,
    async containers() {
      if (end === undefined) {
        const { workspaces } = (await (await fetch(`${url}/workspaces`)).json()) as {
          workspaces: { container: { id: string } | null }[];
        };
        for (const { container } of workspaces) if (container !== null) known.add(container.id);
      }
      const seen = await Promise.all([...known].map((id) => engine.inspectContainer(id)));
      return seen.flatMap((container) => (container === undefined ? [] : [container.name]));
    },
    close() {
      end ??= server.close();
      return end;
    },
    async stop() {
      await app.close();
      for (const { tags } of await engine.listImages({ labels: ["molecule.image.runtime"] }))
        for (const tag of tags.filter((name) => name.endsWith(`--${isolation}`)))
          await engine.removeImage(tag);
      await engine.close();
      await forge.stop();
      await directory.remove();
    },
  };
  return app;
}

/** The last steps of a Dockerfile whose container keeps running. */
export const stays = 'CMD ["/bin/sleep", "600"]';

/** Returns a template that has a shell, followed by these steps. */
export function templateWith(steps: string): TemplateFiles {
  const template = helloTemplate();
  const { Dockerfile } = template;
  if (typeof Dockerfile !== "string") throw new TypeError("the Dockerfile is not a text");
  return { ...template, Dockerfile: `${Dockerfile}${steps}\n` };
}
