import { text } from "node:stream/consumers";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { defaultPlatform, silentReport, type ContainerEngine, type EnsuredImage } from "@molecule/core";
import { buildContextOf, createMemoryEngine } from "@molecule/testkit";
import { createProvisioner } from "./index.js";
import { readyImage } from "./fake-engine.test.support.js";

let engine: ContainerEngine;
let image: EnsuredImage;
let ensured: number;

beforeEach(async () => {
  engine = createMemoryEngine();
  const { imageId } = await engine.buildImage({
    context: buildContextOf({ Dockerfile: "FROM scratch\n", "message.txt": "hello\n" }),
    platform: defaultPlatform,
    labels: {},
    target: undefined,
    buildArgs: {},
    noCache: false,
    pullBases: false,
    report: silentReport,
  });
  image = readyImage({ imageId, engine: await engine.identify() });
  ensured = 0;
});

const provider = (more: object = {}) => ({
  ensure: async () => {
    ensured += 1;
    return image;
  },
  engine,
  ...more,
});

describe("a provisioner of an image provider", () => {
  test("starts on the engine of the provider", async () => {
    const { id } = await createProvisioner({ images: provider() }).start({ runtime: "hermes" });
    expect(await engine.inspectContainer(id)).toMatchObject({ imageId: image.imageId });
  });

  test("finds containers by name on the engine of the selected source", async () => {
    const unused = createMemoryEngine();
    const images = provider({ engine: unused, engineOf: () => engine, imageEngine: async () => engine });
    const provisioner = createProvisioner({ images });
    await provisioner.start({ runtime: "hermes", name: "mine" });
    expect(await provisioner.listContainers()).toMatchObject([{ name: "mine" }]);
    await provisioner.remove((await provisioner.listContainers())[0] ?? "");
    expect(await engine.listContainers({})).toEqual([]);
  });

  test("starts an image of an earlier process, on an engine that the source connects to when it is used", async () => {
    let known = createMemoryEngine();
    const imageEngine = async () => (known = engine);
    const images = provider({ engine: known, engineOf: () => known, imageEngine });
    const { id } = await createProvisioner({ images }).start({ image });
    expect(await engine.inspectContainer(id)).toMatchObject({ imageId: image.imageId });
  });

  test("without any engine is a TypeError that names the remedy", () => {
    expect(() => createProvisioner({ images: provider({ engine: undefined }) })).toThrow(TypeError);
    expect(() => createProvisioner({ images: provider({ engine: undefined }) })).toThrow(/`engine`/);
  });

  test.each([[{}], [undefined]])(
    "without an image provider is a TypeError that names the remedy: %j",
    (parts) => {
      const create = (): unknown => createProvisioner(parts as Parameters<typeof createProvisioner>[0]);
      expect(create).toThrow(TypeError);
      expect(create).toThrow("createProvisioner: pass the host's image provider as `images`");
    },
  );
});

describe("a start", () => {
  test("from an image ensures nothing, even if the image has been through JSON", async () => {
    const stored = JSON.parse(JSON.stringify(image)) as EnsuredImage;
    const started = await createProvisioner({ images: provider() }).start({
      image: stored,
      runtime: "hermes",
    });
    expect(started.image).toEqual(image);
    expect(ensured).toBe(0);
    expect(await engine.inspectContainer(started.id)).toMatchObject({
      labels: { "molecule.container.runtime": "hermes" },
    });
  });

  test.each<[string, object]>([
    ["neither", {}],
    ["a reference instead of an image", { image: "molecule-local/workspace-template-hermes:latest" }],
    ["a plan of an image to build", { image: { imageId: null } }],
  ])("from %s is USAGE", async (_what, request) => {
    const started = createProvisioner({ images: provider() }).start(request as { readonly runtime: string });
    await expect(started).rejects.toMatchObject({ code: "USAGE" });
    expect(ensured).toBe(0);
  });

  test("with a misspelt setting is USAGE that names the closest one", async () => {
    const request = { runtime: "hermes", nam: "ws-1" };
    await expect(createProvisioner({ images: provider() }).start(request)).rejects.toMatchObject({
      code: "USAGE",
      message: "`nam` is not an option (did you mean `name`?)",
    });
    expect(ensured).toBe(0);
  });

  test("under the name of a start in progress is CONTAINER_CONFLICT", async () => {
    const provisioner = createProvisioner({ images: provider() });
    const start = () => provisioner.start({ image, name: "mine" });
    const [first, second] = await Promise.allSettled([start(), start()]);
    expect(first).toMatchObject({ status: "fulfilled", value: { name: "mine" } });
    expect(second).toMatchObject({ status: "rejected", reason: { code: "CONTAINER_CONFLICT" } });
    await start();
    expect(await engine.listContainers({})).toHaveLength(1);
  });

  test("under one name by two provisioners succeeds once", async () => {
    const starts = [1, 2].map(() => createProvisioner({ images: provider() }).start({ image, name: "mine" }));
    const results = await Promise.allSettled(starts);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(results.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { code: "CONTAINER_CONFLICT" },
    });
  });

  test.each([false, true])(
    "whose container another start removed is CONTAINER_CONFLICT (taken: %s)",
    async (taken) => {
      const startContainer = engine.startContainer.bind(engine);
      engine.startContainer = async (id) => {
        await engine.removeContainer(id, { force: false });
        if (taken) {
          const spec = { env: {}, args: [], labels: {}, autoRemove: false, platform: image.platform };
          await engine.createContainer({ ...spec, name: "mine", imageId: image.imageId });
        }
        await startContainer(id);
      };
      const started = createProvisioner({ images: provider() }).start({ image, name: "mine" });
      await expect(started).rejects.toMatchObject({ code: "CONTAINER_CONFLICT" });
      expect(await engine.listContainers({})).toHaveLength(taken ? 1 : 0);
    },
  );
});

const notAContainer = "the container must be a name, an ID or an object with an `id`";

describe("an option that does not exist, or an argument of another type, is USAGE before anything is contacted", () => {
  type Untyped = Record<string, (...args: readonly unknown[]) => Promise<unknown>>;

  test.each<[string, readonly unknown[], string]>([
    ["start", [], "the request must be an object, not undefined"],
    ["start", [null], "the request must be an object, not null"],
    ["start", ["hermes"], "the request must be an object, not a string"],
    ["start", [{ runtime: 5 }], "`runtime` must be a string, not a number"],
    ["start", [{}], "the request has no runtime and no image"],
    ["stop", [null], notAContainer],
    ["stop", [""], notAContainer],
    ["remove", [5], notAContainer],
    ["exec", [{ name: "ws" }, ["ls"]], notAContainer],
    ["logs", [undefined], notAContainer],
    ["copyInto", [{ id: 5 }, {}], notAContainer],
    ["listContainers", [null], "the options must be an object, not null"],
    ["start", [{ image: "the image" }, { misspelt: 1 }], "`misspelt` is not an option"],
    ["start", [{ image: "the image" }, { onProgress: 1 }], "`onProgress` must be a function, not a number"],
    ["start", [{ image: "the image" }, { signal: {} }], "`signal` must be an AbortSignal, not an object"],
    ["start", [{ runtime: "hermes" }, { misspelt: 1 }], "`misspelt` is not an option"],
    ["start", [{ runtime: "hermes" }, { signal: {} }], "`signal` must be an AbortSignal, not an object"],
    ["start", [{ runtime: "hermes" }, null], "the options must be an object, not null"],
    ["stop", ["ws", {}, { signal: {} }], "`signal` must be an AbortSignal, not an object"],
    ["remove", ["ws", {}, { signal: {} }], "`signal` must be an AbortSignal, not an object"],
    ["stop", ["ws", { grace: 3 }], "`grace` is not an option (did you mean `graceSeconds`?)"],
    ["stop", ["ws", { graceSeconds: "3" }], "`graceSeconds` must be a number, not a string"],
    ["stop", ["ws", 3], "the options must be an object, not a number"],
    ["stop", ["ws", {}, { sginal: 1 }], "`sginal` is not an option (did you mean `signal`?)"],
    ["remove", ["ws", { forced: true }], "`forced` is not an option (did you mean `force`?)"],
    ["remove", ["ws", { force: "false" }], "`force` must be a boolean, not a string"],
    ["remove", ["ws", {}, null], "the options must be an object, not null"],
    ["listContainers", [{ label: ["a"] }], "`label` is not an option (did you mean `labels`?)"],
    ["listContainers", [{ labels: "a=b" }], "`labels` must be an object, not a string"],
    ["listContainers", [{}, { signal: "no" }], "`signal` must be an AbortSignal, not a string"],
    ["exec", ["ws", "ls /"], "the command must be a list of strings"],
    ["exec", ["ws", []], "the command must be a list of strings"],
    ["exec", ["ws", ["ls"], { cwd: "/" }], "`cwd` is not an option"],
    ["exec", ["ws", ["ls"], { user: 1000 }], "`user` must be a string, not a number"],
    ["exec", ["ws", ["ls"], { signal: {} }], "`signal` must be an AbortSignal, not an object"],
    ["exec", ["ws", ["ls"], { command: ["rm"] }], "`command` is not an option"],
    ["logs", ["ws", { folow: true }], "`folow` is not an option (did you mean `follow`?)"],
    ["logs", ["ws", { signal: {} }], "`signal` must be an AbortSignal, not an object"],
    ["logs", ["ws", { tail: "10" }], "`tail` must be a number, not a string"],
    ["logs", ["ws", { since: "2026-01-01" }], "`since` must be a date, not a string"],
    ["logs", ["ws", { since: {} }], "`since` must be a date, not an object"],
    ["logs", ["ws", { since: null }], "`since` must be a date, not null"],
    ["logs", ["ws", { since: new Date("yesterday") }], "`since` must be a date, not an invalid date"],
    ["copyInto", ["ws", null], "`files` must be an object, not null"],
    ["copyInto", ["ws", "/f"], "`files` must be an object, not a string"],
    ["copyInto", ["ws", ["/f"]], "`files` must be an object, not a list"],
    ["copyInto", ["ws", new Map([["/f", ""]])], "`files` must be an object, not an object of type Map"],
    ["copyInto", ["ws", { "/f": 1 }], "/f: the file must be an object, not a number"],
    ["copyInto", ["ws", { "/f": null }], "/f: the file must be an object, not null"],
    ["copyInto", ["ws", { "/f": { content: "", perm: 0o600 } }], "/f: `perm` is not a property of a file"],
    ["copyInto", ["ws", { "/f": "" }, { signal: 1 }], "`signal` must be an AbortSignal, not a number"],
  ])("%s %j", async (method, args, message) => {
    const provisioner = createProvisioner({
      images: provider({ imageEngine: () => Promise.reject(new Error("contacted")) }),
    }) as unknown as Untyped;
    const [request, ...others] = args;
    const isOfImage = typeof request === "object" && request !== null && "image" in request;
    const given = isOfImage ? [{ image }, ...others] : args;
    await expect(provisioner[method]?.(...given)).rejects.toMatchObject({ code: "USAGE", message });
    expect(ensured).toBe(0);
  });
});

describe("containers", () => {
  test("are listed by all of the labels, and only ours", async () => {
    const provisioner = createProvisioner({ images: provider() });
    await provisioner.start({ image, name: "one", labels: { team: "a", tier: "1" } });
    await provisioner.start({ image, name: "two", create: { Labels: { team: "a" } } });
    const foreign = { env: {}, args: [], labels: { team: "a" }, autoRemove: false, platform: image.platform };
    await engine.createContainer({ ...foreign, name: "foreign", imageId: image.imageId });
    const names = async (labels: Record<string, string> | string[]): Promise<readonly string[]> =>
      (await provisioner.listContainers({ labels })).map(({ name }) => name);
    expect(await names({ team: "a", tier: "1" })).toEqual(["one"]);
    expect(await names(["tier"])).toEqual(["one"]);
    expect(await names({ team: "b" })).toEqual([]);
    expect(await provisioner.listContainers()).toHaveLength(2);
    expect((await provisioner.listContainers({ labels: { tier: "1" } }))[0]).toMatchObject({
      id: expect.any(String),
      imageId: image.imageId,
      state: "exited",
      labels: { team: "a", "molecule.container.managed-by": "molecule-image" },
    });
  });

  test("have a log", async () => {
    const provisioner = createProvisioner({ images: provider() });
    const { stdout } = await provisioner.logs(await provisioner.start({ image }), { follow: true });
    expect(await text(stdout)).toBe("hello\n");
  });
});
