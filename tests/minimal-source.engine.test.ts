import { cp, readFile, readdir } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/test-fixtures";
import { imageArchive } from "@molecule/testkit";
import { strangerProject, type Manifest, type StrangerProject } from "./stranger-project.js";

/*
 * examples/minimal-source as its author and its user see it: created, tested and packed with the packed packages,
 * installed with npm, named in a configuration file, used by the command.
 */

const example = join(dirname(dirname(fileURLToPath(import.meta.url))), "examples", "minimal-source");

/** The command and its environment. */
function commandOf({ packed }: StrangerProject): Readonly<Record<string, string>> {
  const others = ["@molecule/testkit", "@molecule/telemetry"];
  return Object.fromEntries(Object.entries(packed).filter(([name]) => !others.includes(name)));
}

interface Answer {
  readonly results?: readonly { readonly image?: object; readonly error?: object }[];
  readonly sources?: readonly object[];
}

describeWithEngine({ describe, test }, "the minimal source", ({ address }) => {
  const { bytes, sha256, imageId } = imageArchive({ files: { hello: "from an archive" } });
  let [author, user]: StrangerProject[] = [];
  let server: Server | undefined;
  let url: string;
  let law: string;

  beforeAll(async () => {
    [author, user] = [await strangerProject(), await strangerProject()];
    await cp(example, author.path, { recursive: true });
    const own = JSON.parse(await readFile(join(example, "package.json"), "utf8")) as Manifest;
    const { "@molecule/core": core = "", "@molecule/testkit": testkit = "" } = author.packed;
    const devDependencies = { ...own.devDependencies, "@molecule/core": core, "@molecule/testkit": testkit };
    await author.install({ ...own, devDependencies });
    law = await author.run("npm", ["test"]);
    await author.run("npm", ["pack"]);
    const [tarball = ""] = (await readdir(author.path)).filter((name) => name.endsWith(".tgz"));
    const source = `file:${join(author.path, tarball)}`;
    await user.install({ dependencies: { ...commandOf(user), "molecule-source-archive": source } });
    const serving = createServer((_request, response) => response.end(bytes)).listen(0, "127.0.0.1");
    server = serving;
    await new Promise((resolve) => serving.once("listening", resolve));
    url = `http://127.0.0.1:${String((serving.address() as AddressInfo).port)}/hermes.tar`;
  }, 240_000);
  afterAll(async () => {
    server?.close();
    await Promise.all([author?.remove(), user?.remove()]);
  });

  async function ask(args: readonly string[], checksum: string): Promise<Answer> {
    if (user === undefined) throw new Error("the project is missing");
    const archives = { hermes: { url, sha256: checksum } };
    const config = {
      plugins: ["molecule-source-archive"],
      sources: { local: "archive" },
      options: { archive: { archives } },
    };
    await user.write("molecule.json", JSON.stringify(config));
    const env = { DOCKER_HOST: address, MOLECULE_LOCAL_BUILD_CACHE: join(user.path, "cache") };
    const command = join("node_modules", ".bin", "molecule-image");
    // A failed command still prints its result, on the last line of its output.
    const said = await user
      .run(command, [...args, "--json", "--config", "molecule.json"], env)
      .catch((error: unknown) => /\{"results".*\}/.exec(String(error))?.[0] ?? String(error));
    return JSON.parse(said) as Answer;
  }

  test("passes the conformance suite in its own test", () => {
    expect(law).toMatch(/^# pass 43$/m);
    expect(law).toMatch(/^# fail 0$/m);
  });

  test("is listed as an installed plugin", async () => {
    expect((await ask(["sources"], sha256)).sources).toContainEqual(
      expect.objectContaining({ name: "archive", version: "1.0.0", selected: true, modes: ["local"] }),
    );
  });

  test("rejects an archive with a wrong checksum before loading it into the engine", async () => {
    const { results = [] } = await ask(["ensure", "hermes"], "0".repeat(64));
    expect(results[0]?.error).toMatchObject({ code: "SOURCE_MISMATCH", source: "archive", step: "load" });
  });

  test("loads the image, and finds it again", async () => {
    const reference = `molecule-archive/hermes:${sha256.slice(0, 12)}`;
    const first = await ask(["ensure", "hermes"], sha256);
    expect(first.results?.[0]?.image).toMatchObject({ source: "archive", reference, imageId, cached: false });
    const second = await ask(["ensure", "hermes"], sha256);
    expect(second.results?.[0]?.image).toMatchObject({ imageId, cached: true });
  });
});
