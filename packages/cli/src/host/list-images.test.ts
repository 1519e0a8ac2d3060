import { describe, expect, test } from "@jest/globals";
import { allowedRuntimes, parsePlatform, type ContainerEngine, type ImageSummary } from "@molecule/core";
import { listImages, type ListedImage } from "./list-images.js";

const image = (
  id: string,
  tags: readonly string[],
  labels: Readonly<Record<string, string>> = {},
  digests: readonly string[] = [],
): ImageSummary => ({
  id: `sha256:${id.repeat(64)}`,
  labels,
  tags,
  digests,
  sizeBytes: 1,
  createdAt: 1_700_000_000,
});

/** Lists images as an engine with these images would; like Docker, it matches patterns against familiar names. */
function list(
  prefix: string,
  images: readonly ImageSummary[],
  added: readonly string[] = [],
  starts: readonly string[] = [],
): Promise<ListedImage[]> {
  const engine: Partial<ContainerEngine> = {
    listImages: async ({ labels = [], reference }) =>
      images.filter((one) =>
        reference === undefined
          ? labels.every((label) => label in one.labels)
          : [...one.tags, ...one.digests].some((name) => name.startsWith(reference.replace(/\*$/, ""))),
      ),
    inspectImage: async (id, { platform = "linux/amd64" } = {}) => {
      const found = images.find((one) => one.id === id);
      const [os = "", architecture = ""] = platform.split("/");
      return found && { ...found, os, architecture, variant: "", taggedAt: null };
    },
  };
  const imageNames = starts.map((start) => ({ start, source: `source of ${start}` }));
  return listImages(engine as ContainerEngine, { prefix, imageNames }, allowedRuntimes(added, "a test"), {});
}

const references = (images: readonly ListedImage[]): (string | null)[] =>
  images.map(({ reference }) => reference);

describe("list", () => {
  test("shows the images of a plugin that declares their names", async () => {
    const images = [
      image("a", ["molecule-archive/hermes:0123456789ab"]),
      image("b", ["molecule-archive/foreign:1"]),
      image("c", ["other/hermes:1"]),
    ];
    const listed = await list("acme", images, [], ["molecule-archive/"]);
    expect(listed).toMatchObject([
      {
        runtime: "hermes",
        reference: "molecule-archive/hermes:0123456789ab",
        source: "source of molecule-archive/",
      },
    ]);
  });

  test("finds the images of plugins whose declared names overlap, or begin with docker.io", async () => {
    const images = [image("a", ["acme/agent-hermes:1"]), image("b", ["other/hermes:1"])];
    const names = ["acme/", "acme/agent-", "docker.io/other/"];
    const listed = await list("registry.example.com", images, [], names);
    expect(listed.map(({ runtime }) => runtime)).toEqual(["hermes", "hermes"]);
    expect(references(listed)).toEqual(["acme/agent-hermes:1", "other/hermes:1"]);
  });

  test.each([
    "registry.example.com:5000/acme",
    "Registry.Example.com/acme",
    "acme",
    "docker.io/acme",
    "index.docker.io/acme",
  ])("includes the pulled images of known runtimes under the prefix %s", async (prefix) => {
    const familiar = prefix.replace(/^(?:index\.)?docker\.io\//, "");
    const listed = await list(
      prefix,
      [
        image("a", [`${familiar}/workspace-template-hermes:latest`]),
        image("b", [`${familiar}/workspace-template-my-agent:latest`]),
        image("c", [`${familiar}/workspace-template-stranger:latest`]),
        image("d", [`${familiar}/something-else:latest`]),
        image("e", ["elsewhere/workspace-template-hermes:latest"]),
      ],
      ["my-agent"],
    );
    expect(references(listed).sort()).toEqual([
      `${familiar}/workspace-template-hermes:latest`,
      `${familiar}/workspace-template-my-agent:latest`,
    ]);
    expect(listed.map(({ runtime }) => runtime).sort()).toEqual(["hermes", "my-agent"]);
  });

  test("lists an index pulled for two platforms once for each", async () => {
    const index = {
      ...image("a", ["acme/workspace-template-hermes:latest"]),
      platforms: ["linux/amd64", "linux/arm64"].map(parsePlatform),
    };
    expect(await list("acme", [index])).toMatchObject([
      { imageId: index.id, platform: "linux/amd64" },
      { imageId: index.id, platform: "linux/arm64" },
    ]);
  });

  test("lists an image pulled by a pin, by its digest", async () => {
    const pinned = `acme/workspace-template-hermes@sha256:${"1".repeat(64)}`;
    const listed = await list("acme", [
      image("a", [], {}, [pinned]),
      image("b", [], {}, [`acme/workspace-template-stranger@sha256:${"2".repeat(64)}`]),
    ]);
    expect(listed).toMatchObject([{ runtime: "hermes", reference: pinned, tags: [] }]);
  });

  test.each(["[x", " ", "https://r.example.com", "r.example.com/"])(
    "lists locally built images even if the prefix %j is invalid",
    async (prefix) => {
      const tags = [
        "molecule-local/workspace-template-codex:0123456789ab",
        "molecule-local/workspace-template-codex:latest",
      ];
      const listed = await list(prefix, [image("a", tags, { "molecule.image.runtime": "codex" })]);
      expect(listed).toMatchObject([
        { runtime: "codex", reference: tags[0], createdAt: "2023-11-14T22:13:20.000Z" },
      ]);
    },
  );

  test("includes an image that lost its name", async () => {
    const listed = await list("acme", [image("a", [], { "molecule.image.runtime": "codex" })]);
    expect(listed).toMatchObject([{ runtime: "codex", reference: null, tags: [] }]);
  });
});
