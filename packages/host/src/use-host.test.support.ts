import { afterEach, beforeEach } from "@jest/globals";
import { definePlugin, type ImageSource, type SourcePlugin, type SourceServices } from "@molecule/core";
import { temporaryTree, type TemporaryTree } from "@molecule/test-fixtures";
import type { HostOptions } from "./contract/host.js";

/** The user's configuration file, in the tree of {@link HostFixture}. */
export const userFile = "home/.config/molecule/config.yaml";

/** The surroundings of a host. Use its members inside tests only. */
export interface HostFixture {
  /** Contains `home/p`, the working directory. */
  readonly tree: TemporaryTree;
  /** The arguments of each call of a plugin's `create`, in order. */
  readonly seen: readonly { readonly options: unknown; readonly services: SourceServices }[];
  /** Stand-ins for the shipped plugins. */
  readonly shipped: readonly SourcePlugin[];
  /** Returns a plugin whose source always has the same image. */
  plugin(name: string, members?: Partial<SourcePlugin>): SourcePlugin;
  /** Returns the options of a host with the shipped plugins and no variables. */
  options(more?: Partial<HostOptions>): HostOptions;
}

/** Makes a new directory before each test of the file, and removes it after the test. */
export function useHost(): HostFixture {
  let tree: TemporaryTree | undefined;
  const seen: { options: unknown; services: SourceServices }[] = [];
  beforeEach(async () => {
    seen.length = 0;
    tree = await temporaryTree({ "home/p/": "" });
  });
  afterEach(() => tree?.remove());

  const plugin = (name: string, members: Partial<SourcePlugin> = {}): SourcePlugin =>
    definePlugin<unknown>({
      name,
      apiVersion: 1,
      modes: ["local", "registry"],
      create: (options, services) => {
        seen.push({ options, services });
        return sourceOf(name);
      },
      ...members,
    });
  const shipped = [plugin("registry-pull"), plugin("gitea-local-build")];
  const current = (): TemporaryTree => {
    if (tree === undefined) throw new TypeError("available only inside tests");
    return tree;
  };
  return {
    get tree() {
      return current();
    },
    seen,
    shipped,
    plugin,
    options: (more = {}) => ({
      cwd: current().path("home/p"),
      env: {},
      home: current().path("home"),
      plugins: shipped,
      ...more,
    }),
  };
}

function sourceOf(name: string): ImageSource {
  const image = {
    reference: `${name}:latest`,
    imageId: `sha256:${"a".repeat(64)}`,
    digest: null,
    revision: null,
    platform: "linux/amd64" as never,
    buildKey: null,
    engine: null,
  };
  return {
    name,
    resolve: (runtime) => Promise.resolve({ ...image, runtime }),
    find: () => Promise.resolve({ hit: true, image }),
    provide: () => Promise.resolve(image),
  };
}
