import { expect, test } from "@jest/globals";
import { createProvisioner, type ContainerRequest } from "./index.js";
import { fakeEngine, readyImage } from "./fake-engine.test.support.js";

const ours = "molecule.container.managed-by";

test.each<[string, object]>([
  ["the image", { create: { Image: "busybox" } }],
  ["the image, spelled as engines accept it too", { create: { image: "busybox" } }],
  ["the name", { create: { name: "other" } }],
  ["the platform", { create: { platform: "linux/arm64" } }],
  ["our label", { create: { Labels: { [ours]: "somebody" } } }],
  ["our label beside `create`", { labels: { [ours]: "somebody" } }],
  ["our runtime label", { labels: { "molecule.container.runtime": "codex" } }],
  ["a second set of labels", { create: { labels: {} } }],
  ["a second `AutoRemove`", { create: { HostConfig: { autoremove: true } } }],
  ["a signal that would be lost", { create: { abortSignal: new AbortController().signal } }],
  ["a relative file", { files: { "etc/app.json": "{}" } }],
  ["a file outside the root", { files: { "/../app.json": "{}" } }],
  ["a directory as a file", { files: { "/etc/": "" } }],
  ["a file without content", { files: { "/etc/a": { mode: 0o600 } } }],
  ["an invalid mode", { files: { "/etc/a": { content: "", mode: 0o10000 } } }],
  ["an invalid owner", { files: { "/etc/a": { content: "", uid: -1 } } }],
])(
  "a request that sets %s is USAGE before anything is contacted",
  async (_what, request: ContainerRequest) => {
    const fake = fakeEngine();
    let ensured = 0;
    const ensure = async () => {
      ensured += 1;
      return readyImage();
    };
    const started = createProvisioner({ images: { ensure }, engine: fake.engine }).start({
      runtime: "hermes",
      name: "mine",
      ...request,
    });
    await expect(started).rejects.toMatchObject({ code: "USAGE", hint: expect.stringMatching(/\S/) });
    expect(ensured).toBe(0);
    expect(fake.calls).toEqual([]);
  },
);

test("a setting of `create` that is undefined is not set", async () => {
  const fake = fakeEngine();
  const create = { Image: undefined, User: "1000" };
  const images = { ensure: async () => readyImage() };
  await createProvisioner({ images, engine: fake.engine }).start({ runtime: "hermes", create });
  expect(fake.created).toMatchObject([{ create: { User: "1000" } }]);
});
