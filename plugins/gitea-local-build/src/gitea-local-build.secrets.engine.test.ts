import { readdir, readFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { inspect } from "node:util";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "@jest/globals";
import type { ProgressEvent } from "@molecule/core";
import { describeWithEngine } from "@molecule/test-fixtures";
import { failureOf, templateWith } from "@molecule/test-fixtures/source";
import { helloTemplate } from "@molecule/testkit";
import { token, useWorld } from "./gitea-local-build.test.support.js";

const env = { MOLECULE_GITEA_TOKEN: token };
const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
const spellings = [
  token,
  basic,
  encodeURIComponent(token),
  Buffer.from(token).toString("base64").slice(0, -4),
];

function expectNoToken(text: string): void {
  for (const spelling of spellings) expect(text.includes(spelling)).toBe(false);
}

/** The text of a response and, for an archive, of its layers, which the containerd store exports compressed. */
function unpacked(answer: Buffer): string {
  const layers = filesOf(answer).filter((file) => file.length > 2 && file.readUInt16BE(0) === 0x1f8b);
  return Buffer.concat([answer, ...layers.map((layer) => gunzipSync(layer))]).toString("latin1");
}

/** The files of a tar archive; none if it is not one. */
function filesOf(archive: Buffer): Buffer[] {
  const files: Buffer[] = [];
  for (let at = 0; archive.toString("latin1", at + 257, at + 262) === "ustar";) {
    const size = Number.parseInt(archive.toString("latin1", at + 124, at + 136), 8);
    files.push(archive.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

describeWithEngine({ describe, test }, "a private template", ({ address }) => {
  const world = useWorld(address);
  beforeAll(() => {
    world.forge.requireToken(token);
  });

  /** A raw response of the engine. */
  async function fromEngine(path: string): Promise<Buffer> {
    const { protocol, pathname, hostname, port } = new URL(address);
    const place = protocol === "unix:" ? { socketPath: pathname } : { host: hostname, port };
    return new Promise((resolve, reject) => {
      request({ ...place, path }, (response) => {
        buffer(response).then(resolve, reject);
      })
        .on("error", reject)
        .end();
    });
  }

  async function filesBelow(directory: string): Promise<string[]> {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  }

  test("is built with the token, which is stored nowhere", async () => {
    const { runtime } = await world.addTemplate(helloTemplate({ message: "private" }), { private: true });
    const events: ProgressEvent[] = [];
    const image = await world
      .provider({ env })
      .ensure(runtime, { onProgress: (event) => events.push(event) });
    expect(await world.run(image.imageId)).toBe("private\n");
    expect(world.forge.apiRequests().at(-1)?.headers.authorization).toBe(`token ${token}`);
    expect(world.forge.gitRequests().at(-1)?.headers.authorization).toBe(`Basic ${basic}`);

    expectNoToken(JSON.stringify([image, events]));
    expectNoToken((await world.gitRuns()).join("\n"));
    for (const file of await filesBelow(world.cacheDir)) expectNoToken(await readFile(file, "latin1"));
    // Each is known to have other content, so the search does look into it.
    for (const [path, known] of [
      ["json", runtime],
      ["history", "busybox"],
      ["get", "private\n"],
    ] as const) {
      const answer = unpacked(await fromEngine(`/images/${image.imageId}/${path}`));
      expect(answer.includes(known)).toBe(true);
      expectNoToken(answer);
    }
  });

  test("masks the token in failures, whatever repeats it", async () => {
    const { runtime } = await world.addTemplate(
      templateWith(`RUN echo "in the template: ${token} ${basic}" && exit 1`),
    );
    const provider = world.provider({ env });
    const events: ProgressEvent[] = [];
    const built = await failureOf(provider.ensure(runtime, { onProgress: (event) => events.push(event) }));
    expect(built.code).toBe("BUILD_FAILED");
    expect(built.output).toContain("in the template: ***");

    world.forge.fault("api", { status: 500, body: JSON.stringify({ message: `bad token ${token}` }) });
    const lookedUp = await failureOf(provider.ensure(runtime));
    expect(lookedUp.message).toContain("bad token ***");

    world.forge.clearFaults();
    world.forge.fault("git", { status: 403, body: `no ${token}` }, { times: 1 });
    const fetched = await failureOf(provider.ensure(runtime));
    expect(fetched).toMatchObject({ code: "SOURCE_DENIED", step: "checkout" });

    for (const failure of [built, lookedUp, fetched]) {
      expectNoToken(JSON.stringify(failure));
      expectNoToken(inspect(failure, { depth: 10, showHidden: true }));
    }
    expectNoToken(JSON.stringify(events));
  });

  test("explains a missing token and a wrong one", async () => {
    const { runtime } = await world.addTemplate(helloTemplate(), { private: true });
    expect(await failureOf(world.provider().ensure(runtime))).toMatchObject({
      code: "SOURCE_NOT_FOUND",
      hint: expect.stringContaining("MOLECULE_GITEA_TOKEN"),
    });
    const wrong = { MOLECULE_GITEA_TOKEN: "not-the-right-one" };
    expect(await failureOf(world.provider({ env: wrong }).ensure(runtime))).toMatchObject({
      code: "SOURCE_DENIED",
      hint: expect.stringContaining("MOLECULE_GITEA_TOKEN"),
    });
  });

  test("the image never contains .git, whatever .dockerignore lists", async () => {
    const { runtime } = await world.addTemplate({
      ...helloTemplate(),
      ".dockerignore": "!.git\n!.git/**\n",
      "below/.gitkeep": "",
    });
    const image = await world.provider({ env }).ensure(runtime);
    const listed = await world.run(image.imageId, ["find", "/app"]);
    expect(listed).toContain("/app/below/.gitkeep\n");
    expect(listed).not.toMatch(/\/\.git(?:\/|\n)/);
  });

  test("the image does not contain files that .dockerignore lists", async () => {
    const { runtime } = await world.addTemplate({
      ...helloTemplate(),
      ".dockerignore": "# secrets\n**/*.key\nnotes\n!notes/kept.txt\nDockerfile\n.dockerignore\n",
      "top.key": "1",
      "deep/er/inner.key": "2",
      "deep/er/inner.txt": "3",
      "notes/dropped.txt": "4",
      "notes/kept.txt": "5",
    });
    const image = await world.provider({ env }).ensure(runtime);
    const listed = (await world.run(image.imageId, ["find", "/app", "-type", "f"])).trim().split("\n").sort();
    expect(listed).toEqual([
      "/app/busybox",
      "/app/deep/er/inner.txt",
      "/app/message.txt",
      "/app/notes/kept.txt",
    ]);
  });

  test("links and modes are those of the repository", async () => {
    const { runtime } = await world.addTemplate({
      ...helloTemplate(),
      "run.sh": { content: "#!/bin/sh\necho ran\n", mode: 0o755 },
      "link.txt": { link: "message.txt" },
      "outside.txt": { link: "/etc/hostname" },
      "name with blanks and ü.txt": "x",
    });
    const image = await world.provider({ env }).ensure(runtime);
    expect(await world.run(image.imageId, ["/app/run.sh"])).toBe("ran\n");
    expect(await world.run(image.imageId, ["readlink", "/app/link.txt"])).toBe("message.txt\n");
    expect(await world.run(image.imageId, ["readlink", "/app/outside.txt"])).toBe("/etc/hostname\n");
    expect(await world.run(image.imageId, ["cat", "/app/name with blanks and ü.txt"])).toBe("x");
  });
});
