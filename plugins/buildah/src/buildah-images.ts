import { parseImageReference, type Call, type ImageInspection } from "@molecule/core";
import type { BuildahCommand } from "./buildah-command.js";

/** The images of a containers-storage, as buildah reports them. */
export interface BuildahImages {
  /** Finds an image by a reference or an ID (`sha256:` and 64 hex digits). */
  inspect(nameOrId: string, call: Call): Promise<ImageInspection | undefined>;
  /** @param labels each `key` or `key=value` */
  withLabels(labels: readonly string[], call: Call): Promise<readonly ImageInspection[]>;
  /** Returns the names of containers, including Podman's, by the ID of their image. */
  users(call: Call): Promise<ReadonlyMap<string, string>>;
}

interface Row {
  readonly id: string;
  readonly names: readonly string[];
}

/** Returns the name as stored. buildah would search several registries for a short name. */
export function fullName(reference: string): string {
  return parseImageReference(reference).toString();
}

export function buildahImages(buildah: BuildahCommand): BuildahImages {
  async function list(args: readonly string[], call: Call): Promise<readonly Row[]> {
    return rows(await buildah.read(["images", "--json", "--no-trunc", ...args], call));
  }

  async function inspectRow({ id, names }: Row, call: Call): Promise<ImageInspection | undefined> {
    const gone = /: image not known\s*$/;
    const { exitCode, stdout, stderr } = await buildah.run(["inspect", "--type", "image", id], call);
    // Measured, on 1.28.2: `Error: importing settings: <id>: image not known`. It was removed after it was listed.
    if (exitCode !== 0 && gone.test(stderr)) return undefined;
    const text = exitCode === 0 ? stdout : await buildah.read(["inspect", "--type", "image", id], call);
    return inspection(id, names, fieldsOf(JSON.parse(text)));
  }

  return {
    async inspect(nameOrId, call) {
      const isId = /^sha256:[0-9a-f]{64}$/.test(nameOrId);
      const name = isId ? "" : fullName(nameOrId);
      const listed = await list(isId ? ["--all"] : ["--filter", `reference=${name}`], call);
      const row = listed.find(({ id, names }) => (isId ? id === nameOrId : names.includes(name)));
      return row === undefined ? undefined : inspectRow(row, call);
    },
    async withLabels(labels, call) {
      const filters = labels.flatMap((label) => ["--filter", `label=${label}`]);
      const found: ImageInspection[] = [];
      for (const row of await list(filters, call)) {
        const image = await inspectRow(row, call);
        if (image !== undefined && labels.every((label) => hasLabel(image, label))) found.push(image);
      }
      return found;
    },
    async users(call) {
      const listed = await buildah.read(["containers", "--all", "--json"], call);
      return new Map(
        listOf(JSON.parse(listed)).map((item) => {
          const { imageid, containername, id } = fieldsOf(item);
          return [`sha256:${textOf(imageid)}`, textOf(containername) || textOf(id)] as const;
        }),
      );
    },
  };
}

function hasLabel({ labels }: ImageInspection, label: string): boolean {
  const [key = "", ...value] = label.split("=");
  return Object.hasOwn(labels, key) && (value.length === 0 || labels[key] === value.join("="));
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** One row for each image. */
function rows(text: string): readonly Row[] {
  return listOf(JSON.parse(text)).map((item) => {
    const { id, names } = fieldsOf(item);
    return { id: textOf(id), names: listOf(names).map(textOf) };
  });
}

function inspection(id: string, names: readonly string[], image: Fields): ImageInspection {
  const { os, architecture, variant, config } = fieldsOf(image["OCIv1"]);
  const labels = Object.entries(fieldsOf(fieldsOf(config)["Labels"]));
  const layers = listOf(manifestOf(image)["layers"]).map((layer) => fieldsOf(layer)["size"]);
  return {
    id,
    os: textOf(os),
    architecture: textOf(architecture),
    variant: textOf(variant),
    labels: Object.fromEntries(labels.map(([key, value]) => [key, textOf(value)])),
    tags: names.map((name) => parseImageReference(name).familiar),
    digests: [],
    sizeBytes: layers.reduce<number>((sum, size) => sum + (typeof size === "number" ? size : 0), 0),
    // Not reported by buildah.
    taggedAt: null,
  };
}

/** The manifest is JSON text inside the JSON output. */
function manifestOf(image: Fields): Fields {
  try {
    return fieldsOf(JSON.parse(textOf(image["Manifest"])));
  } catch {
    return {};
  }
}
