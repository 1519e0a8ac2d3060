import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { ImageStore } from "@molecule/testkit";

/** The images of a containers-storage, as Podman shows them. */
export function storedImages(storage: Readonly<Record<string, string>>): ImageStore {
  const env = { ...storage, PATH: process.env.PATH };
  const podman = async (...args: readonly string[]): Promise<string> =>
    (await promisify(execFile)("podman", [...args], { env })).stdout;
  return {
    async list() {
      const rows = JSON.parse(await podman("images", "--format", "json")) as readonly {
        readonly Id: string;
        readonly Names?: readonly string[];
      }[];
      return rows.flatMap(({ Id, Names = [] }) =>
        Names.map((name) => ({ name: name.replace(/^docker\.io\//, ""), imageId: `sha256:${Id}` })),
      );
    },
    tag: async (imageId, name) => {
      await podman("tag", imageId, `docker.io/${name}`);
    },
    remove: async (name) => {
      await podman("rmi", "--ignore", `docker.io/${name}`);
    },
    print: (imageId) => podman("run", "--rm", imageId),
  };
}
