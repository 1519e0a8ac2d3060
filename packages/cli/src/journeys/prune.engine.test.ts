import { access, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { defaultPlatform, type ContainerEngine } from "@molecule/core";
import { ownProcess } from "@molecule/node-edges";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { describeWithEngine } from "@molecule/test-fixtures";
import { buildContextOf, helloTemplate } from "@molecule/testkit";
import {
  noEngine,
  openWorld,
  templateWith,
  type Answer,
  type Image,
  type Pruned,
  type World,
} from "./command-world.test.support.js";

const short = (commit: string): string => commit.slice(0, 12);
const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

describeWithEngine({ describe, test }, "molecule-image prune", ({ address }) => {
  let engine: ContainerEngine;
  let world: World;
  const containers: string[] = [];
  beforeAll(() => {
    engine = createDockerEngine(() =>
      findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
    );
  });
  afterAll(() => engine.close());
  beforeEach(async () => {
    world = await openWorld(address);
  });
  afterEach(async () => {
    for (const id of containers.splice(0)) await engine.removeContainer(id, { force: true });
    await world.close();
  });

  const name = (commit: string, runtime = "hermes"): string =>
    `molecule-local/workspace-template-${runtime}:${short(commit)}--${world.isolation}`;
  const alias = (runtime = "hermes"): string =>
    `molecule-local/workspace-template-${runtime}:latest--${world.isolation}`;
  const checkout = (commit: string, runtime = "hermes"): string => join(world.cache, runtime, short(commit));

  async function ensured(runtime = "hermes", verb = "ensure"): Promise<Image> {
    const { status, answer } = await world.json([verb, runtime]);
    const image = answer.results?.[0]?.image;
    if (status !== 0 || image === undefined) throw new Error(JSON.stringify(answer));
    return image;
  }
  /** Builds this many commits, the oldest first. */
  async function built(count: number, runtime = "hermes"): Promise<string[]> {
    const commits = [await world.forge.addTemplate(runtime, helloTemplate({ message: `${runtime} 0` }))];
    await ensured(runtime);
    for (let index = 1; index < count; index += 1) {
      commits.push(
        await world.forge.commit(runtime, {
          "message.txt": `${runtime} ${String(index)} ${world.isolation}\n`,
        }),
      );
      await ensured(runtime);
    }
    return commits;
  }
  /** Returns what prune removes and keeps; a dry run and the real run must agree. */
  async function pruned(
    args: readonly string[],
    env = {},
  ): Promise<Required<Pick<Answer, "removed" | "kept">>> {
    const before = await names();
    const dry = await world.json(["prune", "--dry-run", ...args], env);
    expect(await names()).toEqual(before);
    const real = await world.json(["prune", ...args], env);
    expect([dry.status, real.status]).toEqual([0, 0]);
    expect(Object.keys(real.answer)).toEqual(["removed", "kept"]);
    expect(real.answer).toEqual(dry.answer);
    const { removed = [], kept = [] } = real.answer;
    return { removed, kept };
  }
  async function names(): Promise<string[]> {
    const images = await engine.listImages({ labels: ["molecule.image.runtime"] });
    return images
      .flatMap(({ id, tags }) => [id, ...tags])
      .filter((name) => name.includes(world.isolation))
      .sort();
  }
  const commits = (items: readonly Pruned[], kind = "image"): (string | null)[] =>
    items.filter((item) => item.kind === kind).map(({ revision }) => revision);

  test("keeps the newest images of each runtime, and their checkouts", async () => {
    const [a = "", b = "", c = ""] = await built(3);
    const [other = ""] = await built(1, "codex");
    const first = await engine.inspectImage(name(a));

    const { removed, kept } = await pruned(["--keep", "2"]);

    expect(removed).toEqual([
      {
        kind: "image",
        runtime: "hermes",
        revision: a,
        imageId: first?.id,
        names: [name(a)],
        otherNames: [],
        path: null,
        bytes: first?.sizeBytes,
        source: "gitea-local-build",
        why: "it is not among the newest 2 of hermes",
      },
      expect.objectContaining({
        kind: "checkout",
        runtime: "hermes",
        revision: a,
        path: checkout(a),
        why: "no image of its commit is left",
      }),
    ]);
    expect(commits(kept).sort()).toEqual([b, c, other].sort());
    expect(commits(kept, "checkout").sort()).toEqual([b, c, other].sort());
    expect(await names()).toEqual([name(b), name(c), alias(), name(other, "codex"), alias("codex")].sort());
    expect(await Promise.all([a, b, c].map((commit) => isThere(checkout(commit))))).toEqual([
      false,
      true,
      true,
    ]);
    expect(await ensured()).toMatchObject({ cached: true, revision: c });
    expect((await pruned(["--keep", "2"])).removed).toEqual([]);
  });

  test("keeps three images of each runtime by default, and prints a summary", async () => {
    const [a = ""] = await built(4);
    const dry = await world.run(["prune", "--dry-run"]);
    expect(dry).toMatchObject({ status: 0, stderr: "" });
    expect(dry.stdout).toMatch(
      new RegExp(`^would remove {2}${name(a)} {2}[\\d.]+ MB {2}\\(it is not among the newest 3`),
    );
    const plain = await world.run(["prune"]);
    expect(plain).toMatchObject({ status: 0, stderr: "" });
    expect(plain.stdout).toBe(dry.stdout.replaceAll("would remove", "removed"));
    // Three images, their checkouts, and the repository.
    expect(plain.stdout.match(/^kept /gm)).toHaveLength(7);
  });

  test("keeps an image that any container uses, running or stopped, with all its names", async () => {
    const [a = "", b = ""] = await built(2);
    const image = await engine.inspectImage(name(b));
    const { id } = await engine.createContainer({
      name: `prune-${world.isolation}`,
      imageId: image?.id ?? "",
      platform: defaultPlatform,
      env: {},
      args: undefined,
      labels: {},
      autoRemove: false,
    });
    containers.push(id);

    const { removed, kept } = await pruned(["--keep", "0"]);

    expect(commits(removed)).toEqual([a]);
    expect(kept).toMatchObject([
      { kind: "image", revision: b, why: `the container prune-${world.isolation} uses it` },
      { kind: "checkout", revision: b, why: "an image of its commit is kept" },
      { kind: "repository", revision: null, why: "an image of hermes is kept" },
    ]);
    expect(await names()).toEqual([name(b), alias()].sort());
    await engine.removeContainer(id, { force: true });
    expect(commits((await pruned(["--keep", "0"])).removed)).toEqual([b]);
    expect(await names()).toEqual([]);
    expect(await engine.inspectImage(image?.id ?? "")).toBeUndefined();
  });

  test("keeps an image that is being built, and the build succeeds", async () => {
    // Two commands must see the build in progress, and each takes seconds on a busy machine.
    const stamp = `begun-${String(Date.now())}`;
    const commit = await world.forge.addTemplate(
      "hermes",
      templateWith(`RUN echo ${stamp} && /bin/sleep 15`),
    );
    const codex = await built(1, "codex");
    const before = await ensured();
    const running = world.start(["refresh", "hermes", "--json", "--progress", "plain"]);
    await running.untilPrinted(`build | ${stamp}`);

    const { removed, kept } = await pruned(["--keep", "0"]);

    expect(running.child.exitCode).toBeNull();
    expect(commits(removed)).toEqual(codex);
    expect(kept).toMatchObject([
      { kind: "image", revision: commit, why: "an image of its commit is being built" },
      { kind: "work", runtime: "hermes", why: "a process is using it" },
      { kind: "checkout", revision: commit, why: "an image of its commit is kept" },
      { kind: "repository", runtime: "hermes", why: "an image of hermes is kept" },
    ]);
    const { status, stdout } = await running.done;
    expect(status).toBe(0);
    const after = (JSON.parse(stdout) as Answer).results?.[0]?.image;
    expect(after?.["imageId"]).not.toBe(before["imageId"]);
    expect(await names()).toEqual([name(commit), alias()].sort());

    // The previous image lost its name to the new one.
    const last = await pruned(["--keep", "1"]);
    expect(last.removed).toMatchObject([{ kind: "image", imageId: before["imageId"], names: [] }]);
    expect(await engine.inspectImage(String(before["imageId"]))).toBeUndefined();
  });

  test("keeps other people's names, and an image that has one", async () => {
    const [a = "", b = ""] = await built(2);
    const old = await engine.inspectImage(name(a));
    const theirs = `prune-other:${world.isolation}`;
    const otherWorld = name(a).replace(world.isolation, "somebody-else");
    await engine.tagImage(old?.id ?? "", theirs);
    await engine.tagImage(old?.id ?? "", otherWorld);
    // This names a commit that does not exist: no build of ours gives the image that name.
    const byHand = name("0123456789ab");
    await engine.tagImage(old?.id ?? "", byHand);

    const { removed } = await pruned(["--keep", "1"]);

    expect(removed[0]).toMatchObject({ kind: "image", revision: a, names: [name(a)], bytes: 0 });
    expect(removed[0]?.why).toContain(`the image itself is kept as `);
    expect(removed[0]?.otherNames.toSorted()).toEqual([byHand, otherWorld, theirs].sort());
    expect((await engine.inspectImage(old?.id ?? ""))?.tags.toSorted()).toEqual(
      [byHand, otherWorld, theirs].sort(),
    );
    expect(commits((await pruned(["--keep", "1"])).kept)).toEqual([b]);
    for (const name of [theirs, otherWorld, byHand]) await engine.removeImage(name);
  });

  test("keeps images without our labels, whatever their name, and images built on top of ours", async () => {
    const [a = ""] = await built(1);
    const labelled = async (labels: Readonly<Record<string, string>>, text: string): Promise<string> => {
      const context = buildContextOf({ Dockerfile: `FROM ${name(a)}\nCOPY x /x\n`, x: text });
      const report = { output: () => undefined, amount: () => undefined, quiet: () => undefined };
      const request = { context, platform: defaultPlatform, labels, report };
      const rest = { target: undefined, buildArgs: {}, noCache: false, pullBases: false };
      return (await engine.buildImage({ ...request, ...rest })).imageId;
    };
    const nameless = await labelled({}, `nameless ${world.isolation}`);
    const impostor = await labelled({ "molecule.image.build-key": "other" }, `impostor ${world.isolation}`);
    const impostorName = name("ffffffffffff");
    await engine.tagImage(impostor, impostorName);

    const { removed, kept } = await pruned(["--keep", "0"]);

    expect(removed.map(({ imageId }) => imageId)).not.toContain(nameless);
    expect(kept).toEqual([]);
    expect(await engine.inspectImage(nameless)).toBeDefined();
    expect((await engine.inspectImage(impostorName))?.id).toBe(impostor);
    for (const name of [impostorName, nameless]) await engine.removeImage(name);
  });

  test("a size budget removes the lowest-ranked images first, and each runtime's newest last", async () => {
    const [a = "", b = ""] = await built(2);
    const [other = ""] = await built(1, "codex");
    const all = (await pruned([])).kept;
    const two = all.filter(({ revision }) => revision !== a).reduce((sum, { bytes }) => sum + bytes, 0);
    expect((await pruned(["--max-bytes", `${String(two * 2)}B`])).removed).toEqual([]);
    const { removed } = await pruned(["--max-bytes", `${String(two)}B`]);
    expect(commits(removed)).toEqual([a]);
    expect(removed[0]?.why).toMatch(/^the images kept would exceed \d+ bytes$/);
    expect(commits((await pruned(["--max-bytes", "1kB"])).removed).sort()).toEqual([b, other].sort());
    expect(await names()).toEqual([]);
  });

  test("without build records, orders images by the time they were tagged", async () => {
    const [a = "", b = ""] = await built(2);
    await rm(join(world.cache, "records"), { recursive: true });
    expect(commits((await pruned(["--keep", "1"])).removed)).toEqual([a]);
    expect(await names()).toEqual([name(b), alias()].sort());
  });

  test("in registry mode, removes only locally built images", async () => {
    const [a = "", b = ""] = await built(2);
    const image = await engine.inspectImage(name(a));
    const pulled = `r.example.com/acme/workspace-template-hermes:${world.isolation}`;
    await engine.tagImage(image?.id ?? "", pulled);
    const { removed } = await pruned(["--keep", "0"], { MOLECULE_IMAGE_REGISTRY: "r.example.com/acme" });
    expect(commits(removed).sort()).toEqual([a, b].sort());
    expect((await engine.inspectImage(pulled))?.id).toBe(image?.id);
    await engine.removeImage(pulled);
  });

  test("removes cache leftovers of dead processes; keeps live ones and unrelated files", async () => {
    const parent = join(world.cache, "hermes");
    await built(1);
    const [pid = "", place = "", started = ""] = (await ownProcess()).split("-");
    const [machine, space] = [place.slice(0, 8), place.slice(16)];
    const work = (owner: string): string => join(parent, `.0123456789ab.${owner}.00aa00aa.partial`);
    const dead = work(`${pid}-${place}-00000000`);
    const beforeReboot = work([pid, `${machine}01234567${space}`, started].join("-"));
    const alive = work(await ownProcess());
    const elsewhere = work([pid, `89abcdef${place.slice(8)}`, started].join("-"));
    const made = [dead, beforeReboot, alive, elsewhere];
    for (const path of made) await mkdir(join(path, "tree"), { recursive: true });
    const foreign = join(parent, "ba9876543210");
    await mkdir(foreign);
    await writeFile(join(foreign, "thesis.txt"), "the only copy");
    const outside = join(world.home, "outside");
    await mkdir(join(outside, ".git"), { recursive: true });
    await writeFile(join(outside, ".git", "HEAD"), `${"c".repeat(40)}\n`);
    await symlink(outside, join(parent, "c".repeat(12)));
    await symlink(outside, join(world.cache, "codex"));

    const { removed, kept } = await pruned([]);

    // Without a machine ID, as in most containers, a reboot looks like another machine.
    const [gone, unknown] =
      machine === "00000000" ? [[dead], [elsewhere, beforeReboot]] : [[beforeReboot, dead], [elsewhere]];
    expect(removed.map(({ path }) => path).sort()).toEqual(gone.sort());
    expect(
      kept
        .filter(({ kind }) => kind === "work")
        .map(({ why }) => why)
        .sort(),
    ).toEqual(["a process is using it", ...unknown.map(() => "cannot tell whether a process is using it")]);
    for (const path of [alive, ...unknown, join(foreign, "thesis.txt"), join(outside, ".git", "HEAD")])
      expect(await isThere(path)).toBe(true);
    expect(await isThere(dead)).toBe(false);
  });
});

describe("molecule-image prune", () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(noEngine);
  });
  afterAll(() => world.close());

  test.each([
    ["--keep", "-1"],
    ["--keep", "two"],
    ["--max-bytes", "10 apples"],
    ["--max-bytes", "1iB"],
  ])("rejects an invalid %s %s", async (option, value) => {
    const { status, answer } = await world.json(["prune", `${option}=${value}`]);
    expect(status).toBe(2);
    expect(answer.error).toMatchObject({ code: "USAGE", message: expect.stringContaining(option) });
  });

  test("fails without its engine, and removes nothing", async () => {
    const { status, answer } = await world.json(["prune"]);
    expect([status, answer.error?.code, answer.error?.source]).toEqual([
      4,
      "ENGINE_UNAVAILABLE",
      "gitea-local-build",
    ]);
  });
});
