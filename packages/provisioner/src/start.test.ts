import { describe, expect, test } from "@jest/globals";
import { ImageSourceError, type ContainerInspection, type EnsuredImage } from "@molecule/core";
import { createProvisioner, type ContainerRequest } from "./index.js";
import { address, fakeEngine, imageId, readyImage, type FakeEngine } from "./fake-engine.test.support.js";

const images = (image: EnsuredImage = readyImage()): { ensure: () => Promise<EnsuredImage> } => ({
  ensure: () => Promise.resolve(image),
});

const start = ({ engine }: FakeEngine, request: ContainerRequest = {}): Promise<unknown> =>
  createProvisioner({ images: images(), engine }).start({ runtime: "hermes", ...request });

function present(fake: FakeEngine, facts: Partial<ContainerInspection>): void {
  const managed = { "molecule.container.managed-by": "molecule-image" };
  const container = {
    id: "old",
    name: "mine",
    imageId,
    labels: managed,
    running: false,
    exitCode: 0,
    error: "",
  };
  fake.containers.set("old", { ...container, ...facts });
}

describe("a request that no engine would accept", () => {
  test.each<[string, ContainerRequest]>([
    ["an empty name", { name: "" }],
    ["a name with a slash", { name: "a/b" }],
    ["a name that begins with a dash", { name: "-rm" }],
    ["a name with a blank", { name: "a b" }],
    ["a name of one character", { name: "a" }],
    ["a name that is too long", { name: "a".repeat(129) }],
    ["a name with a line end", { name: "ab\n" }],
    ["a variable without a name", { env: { "": "x" } }],
    ["a variable with = in its name", { env: { "A=B": "x" } }],
    ["a name with NUL", { env: { "A\0": "x" } }],
    ["a value with NUL", { env: { A: "x\0y" } }],
    ["a name that is a number", { name: 12 as never }],
    ["a text in place of a boolean", { replace: "false" as never }],
    ["null in place of settings", { create: null as never }],
    ["a value that is a number", { env: { PORT: 80 as never } }],
    ["a label that is a number", { labels: { "acme.slot": 1 as never } }],
    ["arguments in one text", { args: "echo hi" as never }],
    ["an argument that is a number", { args: ["sleep", 1 as never] }],
  ])("is USAGE before anything is contacted: %s", async (_what, request) => {
    const fake = fakeEngine();
    let isEnsured = false;
    const provisioner = createProvisioner({
      images: {
        ensure: async () => {
          isEnsured = true;
          return readyImage();
        },
      },
      engine: fake.engine,
    });
    await expect(provisioner.start({ runtime: "hermes", ...request })).rejects.toMatchObject({
      code: "USAGE",
    });
    expect(isEnsured).toBe(false);
    expect(fake.calls).toEqual([]);
  });
});

describe("the options of the call", () => {
  const revision = "a".repeat(40);

  test("select the image, as those of `ensure` do", async () => {
    const fake = fakeEngine();
    const requested: unknown[] = [];
    const provisioner = createProvisioner({
      images: {
        ensure: async (runtime, options) => {
          requested.push(runtime, options);
          return readyImage();
        },
      },
      engine: fake.engine,
    });
    await provisioner.start({ runtime: "hermes" }, { revision, platform: "linux/arm64" });
    expect(requested).toEqual(["hermes", { revision, platform: "linux/arm64" }]);
  });

  test.each([
    { revision },
    { digest: `sha256:${"a".repeat(64)}` },
    { platform: "native" },
    { timeoutMs: 5000 },
    { whenAborted: "finish" as const },
  ])("are USAGE together with an image: %j", async (options) => {
    const fake = fakeEngine();
    const provisioner = createProvisioner({ images: images(), engine: fake.engine });
    const [name = ""] = Object.keys(options);
    await expect(provisioner.start({ image: readyImage() }, options)).rejects.toMatchObject({
      code: "USAGE",
      message: `\`${name}\` has no effect together with \`image\``,
    });
    expect(fake.calls).toEqual([]);
  });
});

describe("an image that is not available", () => {
  test("rejects with the error of `ensure`, and no container is touched", async () => {
    const fake = fakeEngine();
    const failure = new ImageSourceError({ code: "BUILD_FAILED", message: "m", hint: "h", output: "last" });
    const provisioner = createProvisioner({
      images: { ensure: () => Promise.reject(failure) },
      engine: fake.engine,
    });
    await expect(provisioner.start({ runtime: "hermes", name: "mine", replace: true })).rejects.toBe(failure);
    expect(fake.calls).toEqual([]);
  });

  test.each<[string, EnsuredImage["engine"]]>([
    ["another engine", { kind: "docker", address: "tcp://elsewhere:2375" }],
    ["no engine", null],
  ])(
    "because %s holds it: nothing is created or removed, and the error names both engines",
    async (_what, engine) => {
      const fake = fakeEngine();
      present(fake, {});
      const provisioner = createProvisioner({ images: images(readyImage({ engine })), engine: fake.engine });
      await expect(
        provisioner.start({ runtime: "hermes", name: "mine", replace: true }),
      ).rejects.toMatchObject({
        code: "CONTAINER_FAILED",
        message: expect.stringContaining(engine?.address ?? "no engine"),
      });
      await expect(provisioner.start({ runtime: "hermes" })).rejects.toHaveProperty(
        "message",
        expect.stringContaining(address),
      );
      expect([...fake.containers.keys()]).toEqual(["old"]);
      expect(fake.created).toEqual([]);
    },
  );
});

describe("a source whose images are in no engine", () => {
  const failure = new ImageSourceError({ code: "CONTAINER_FAILED", message: "in a registry", hint: "h" });
  const asked: string[] = [];
  let ensured = 0;
  const withoutEngine = {
    ensure: async () => {
      ensured += 1;
      return readyImage();
    },
    assertRunnable: (runtime: string) => {
      asked.push(runtime);
      throw failure;
    },
  };

  test("is refused before the image is built, and only if it would be built", async () => {
    const fake = fakeEngine();
    const provisioner = createProvisioner({ images: withoutEngine, engine: fake.engine });
    await expect(provisioner.start({ runtime: "hermes" })).rejects.toBe(failure);
    expect([ensured, asked, fake.calls]).toEqual([0, ["hermes"], []]);
    await expect(provisioner.start({ runtime: "hermes", image: readyImage() })).resolves.toMatchObject({
      id: "c0",
    });
    expect(asked).toEqual(["hermes"]);
  });
});

describe("the engine that holds the image", () => {
  const elsewhere = { kind: "podman", address: "unix:///podman.sock" } as const;

  test("runs the container, and stops and removes it", async () => {
    const configured = fakeEngine();
    const podman = fakeEngine({ identify: async () => elsewhere, stopContainer: async () => undefined });
    const provisioner = createProvisioner({
      images: images(readyImage({ engine: elsewhere })),
      engine: configured.engine,
      engineOf: () => podman.engine,
    });
    const container = await provisioner.start({ runtime: "hermes" });
    expect(podman.created).toHaveLength(1);
    await provisioner.stop(container);
    await provisioner.remove(container, { force: true });
    expect(podman.containers.size).toBe(0);
    expect(podman.calls).toContain(`stopContainer ${container.id}`);
    expect(configured.calls).toEqual([]);
  });

  test("does not exist: rejects with that error", async () => {
    const fake = fakeEngine();
    const failure = new ImageSourceError({ code: "CONTAINER_FAILED", message: "no engine", hint: "h" });
    const provisioner = createProvisioner({
      images: images(readyImage({ engine: null })),
      engine: fake.engine,
      engineOf: () => {
        throw failure;
      },
    });
    await expect(provisioner.start({ runtime: "hermes" })).rejects.toBe(failure);
    expect(fake.calls).toEqual([]);
  });
});

describe("a container", () => {
  test("is created by image ID, with our labels", async () => {
    const fake = fakeEngine();
    await start(fake, {
      name: "mine",
      env: { A: "1" },
      args: ["x"],
      autoRemove: true,
      labels: { team: "a" },
    });
    expect(fake.created).toEqual([
      {
        name: "mine",
        imageId,
        platform: "linux/amd64",
        env: { A: "1" },
        args: ["x"],
        labels: {
          team: "a",
          "molecule.container.managed-by": "molecule-image",
          "molecule.container.runtime": "hermes",
        },
        autoRemove: true,
      },
    ]);
  });

  test("has its files before it starts", async () => {
    const fake = fakeEngine({ copyIntoContainer: async () => undefined });
    await start(fake, { files: { "/etc/app.json": "{}" } });
    const order = ["copyIntoContainer c0", "startContainer c0"];
    expect(fake.calls.filter((call) => order.includes(call))).toEqual(order);
  });

  test("whose files cannot be written is removed and never started", async () => {
    const fake = fakeEngine({ copyIntoContainer: () => Promise.reject(new Error("read-only")) });
    await expect(start(fake, { files: { "/etc/app.json": "{}" } })).rejects.toMatchObject({
      code: "CONTAINER_FAILED",
    });
    expect(fake.containers.size).toBe(0);
    expect(fake.calls).not.toContain("startContainer c0");
  });

  test("that does not start is removed", async () => {
    const failure = new ImageSourceError({ code: "CONTAINER_FAILED", message: "no such file", hint: "h" });
    const fake = fakeEngine({ startContainer: () => Promise.reject(failure) });
    await expect(start(fake)).rejects.toBe(failure);
    expect(fake.containers.size).toBe(0);
  });

  test("that does not start for an unknown reason is CONTAINER_FAILED, and removed", async () => {
    const fake = fakeEngine({ startContainer: () => Promise.reject(new Error("boom")) });
    await expect(start(fake)).rejects.toMatchObject({
      code: "CONTAINER_FAILED",
      cause: expect.objectContaining({ message: "boom" }),
    });
    expect(fake.containers.size).toBe(0);
  });

  test("that cannot be removed after a failure does not hide the failure", async () => {
    const failure = new ImageSourceError({ code: "CONTAINER_FAILED", message: "no such file", hint: "h" });
    const fake = fakeEngine({
      startContainer: () => Promise.reject(failure),
      removeContainer: () => Promise.reject(new Error("gone away")),
    });
    await expect(start(fake)).rejects.toBe(failure);
  });

  test("that was created from another image is removed and never started", async () => {
    const other = `sha256:${"b".repeat(64)}`;
    const inspection = {
      id: "c0",
      name: "mine",
      imageId: other,
      labels: {},
      running: false,
      exitCode: 0,
      error: "",
    };
    const fake = fakeEngine({
      inspectContainer: (id) => Promise.resolve(id === "c0" ? inspection : undefined),
    });
    await expect(start(fake)).rejects.toMatchObject({
      code: "CONTAINER_FAILED",
      message: expect.stringMatching(new RegExp(`${other}.*${imageId}`)),
    });
    expect(fake.containers.size).toBe(0);
    expect(fake.calls).not.toContain("startContainer c0");
  });

  test("whose caller aborts while it starts is removed", async () => {
    const leave = new AbortController();
    const fake = fakeEngine({
      startContainer: async () => {
        leave.abort();
      },
    });
    const provisioner = createProvisioner({ images: images(), engine: fake.engine });
    const started = provisioner.start({ runtime: "hermes" }, { signal: leave.signal });
    await expect(started).rejects.toMatchObject({ code: "CANCELLED" });
    expect(fake.containers.size).toBe(0);
  });

  test("whose output cannot be attached is removed and never started", async () => {
    const fake = fakeEngine({ attachContainer: () => Promise.reject(new Error("no stream")) });
    await expect(start(fake, { attach: true })).rejects.toMatchObject({ code: "CONTAINER_FAILED" });
    expect(fake.containers.size).toBe(0);
    expect(fake.calls).not.toContain("startContainer c0");
  });

  test("is attached and waited for before it starts", async () => {
    const fake = fakeEngine({ attachContainer: () => Promise.resolve({} as never) });
    await start(fake, { attach: true });
    const order = ["attachContainer c0", "waitContainer c0", "startContainer c0"];
    expect(fake.calls.filter((question) => order.includes(question))).toEqual(order);
  });
});

describe("a name in use", () => {
  test.each<[string, Partial<ContainerInspection>]>([
    ["by one of ours that runs", { running: true }],
    ["by one of somebody else", { labels: {} }],
    ["by one of somebody else that runs", { labels: {}, running: true }],
  ])("is CONTAINER_CONFLICT if used by %s, which is kept", async (_what, facts) => {
    const fake = fakeEngine();
    present(fake, facts);
    await expect(start(fake, { name: "mine" })).rejects.toMatchObject({
      code: "CONTAINER_CONFLICT",
      message: expect.stringContaining("mine"),
    });
    expect([...fake.containers.keys()]).toEqual(["old"]);
    await start(fake, { name: "mine", replace: true });
    expect(fake.containers.has("old")).toBe(false);
  });

  test("is freed if used by a stopped container of ours", async () => {
    const fake = fakeEngine();
    present(fake, {});
    await start(fake, { name: "mine" });
    expect(fake.containers.has("old")).toBe(false);
  });

  test("is freed by force only with `replace`: the container may have started since", async () => {
    const forced: boolean[] = [];
    for (const replace of [false, true]) {
      const fake = fakeEngine({
        removeContainer: async (_id, { force }) => {
          forced.push(force);
        },
      });
      present(fake, {});
      await start(fake, { name: "mine", replace });
    }
    expect(forced).toEqual([false, true]);
  });

  test("is not recognized by the start of an ID", async () => {
    const fake = fakeEngine();
    present(fake, { name: "another", running: true });
    await start(fake, { name: "ol" });
    expect(fake.containers.has("old")).toBe(true);
  });

  test("between the check and the creation is the engine's conflict", async () => {
    const conflict = new ImageSourceError({
      code: "CONTAINER_CONFLICT",
      message: "mine is taken",
      hint: "h",
    });
    const fake = fakeEngine({ createContainer: () => Promise.reject(conflict) });
    await expect(start(fake, { name: "mine" })).rejects.toBe(conflict);
    expect(fake.calls.filter((question) => question.startsWith("removeContainer"))).toEqual([]);
  });
});

describe("disposing", () => {
  test("waits for the starts in progress, whether they succeed or fail", async () => {
    const fake = fakeEngine();
    let deliver: (image: EnsuredImage) => void = () => undefined;
    let refuse: (failure: Error) => void = () => undefined;
    const outcomes = [
      new Promise<EnsuredImage>((resolve) => (deliver = resolve)),
      new Promise<EnsuredImage>((_resolve, reject) => (refuse = reject)),
    ];
    const ensure = (): Promise<EnsuredImage> => outcomes.shift() ?? Promise.resolve(readyImage());
    const provisioner = createProvisioner({ images: { ensure }, engine: fake.engine });
    const started = provisioner.start({ runtime: "hermes" });
    const failed = provisioner.start({ runtime: "codex" });
    let isDisposed = false;
    const disposed = provisioner[Symbol.asyncDispose]().then(() => (isDisposed = true));

    refuse(new Error("no image"));
    await expect(failed).rejects.toThrow("no image");
    expect(isDisposed).toBe(false);
    deliver(readyImage());
    await started;
    await disposed;
    await provisioner[Symbol.asyncDispose]();
  });
});
