import "reflect-metadata";
import { tokens, type Env, type Log } from "@molecule/core";
import { createImageProvider, type HostImageProvider } from "@molecule/host";
import { createProvisioner, type Provisioner } from "@molecule/provisioner";
import giteaLocalBuild from "@molecule/source-gitea-local-build";
import registryPull from "@molecule/source-registry-pull";
import { container as root, type DependencyContainer } from "tsyringe";
import { provisionerToken } from "./workspaces.js";

export interface Composition {
  /** The container from which the application resolves its classes. */
  readonly container: DependencyContainer;
  readonly images: HostImageProvider;
}

/** Does the asynchronous work first, then returns a container that resolves classes. Contacts nothing. */
export async function compose(options: {
  readonly env: Env;
  readonly cwd: string;
  readonly home?: string;
  readonly log: Log;
}): Promise<Composition> {
  const own = root.createChildContainer();
  // Services registered here replace the host's own: a log, a clock, an engine, …
  own.register<Log>(tokens.log, { useValue: options.log });

  const images = await createImageProvider({
    cwd: options.cwd,
    env: options.env,
    home: options.home,
    plugins: [registryPull, giteaLocalBuild],
    container: own,
  });
  // The host returns a child of that container with tokens.imageProvider, tokens.engine, …
  const { container } = images;
  container.register<Provisioner>(provisionerToken, {
    useValue: createProvisioner({ images }),
  });
  return { container, images };
}
