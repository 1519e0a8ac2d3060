// A third-party host application, as strict as TypeScript can be; tests/packages.test.ts compiles and runs it.
import assert from "node:assert/strict";
import {
  definePlugin,
  isImageSourceError,
  parseImageReference,
  parsePlatform,
  tokens,
  type ImageProvider,
  type ImageSource,
} from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { configJsonSchema, createImageProvider, type HostOptions } from "@molecule/host";
import { createProvisioner, type Provisioner } from "@molecule/provisioner";
import giteaLocalBuild from "@molecule/source-gitea-local-build";
import registryPull from "@molecule/source-registry-pull";
import { templateOptions, type ImageBuilder } from "@molecule/template-build";
import { startForge, type Forge } from "@molecule/testkit";

const image = {
  reference: "mine/hermes:1",
  imageId: `sha256:${"a".repeat(64)}`,
  digest: null,
  revision: null,
  platform: parsePlatform("linux/amd64"),
  buildKey: null,
  engine: null,
};
const source: ImageSource = {
  name: "mine",
  resolve: (runtime) => Promise.resolve({ ...image, runtime }),
  find: () => Promise.resolve({ hit: true, image }),
  provide: () => Promise.resolve(image),
};
const mine = definePlugin({ name: "mine", apiVersion: 1, modes: ["local"], create: () => source });

const config = process.argv[2] ?? "";
const common: HostOptions = { cwd: process.cwd(), env: {}, plugins: [registryPull, giteaLocalBuild, mine] };

const images: ImageProvider = await createImageProvider({ ...common, config });
assert.equal(images.selection.source, "mine");
assert.equal((await images.ensure("hermes")).reference, "mine/hermes:1");
const refused: unknown = await images.ensure("nobody").catch((error: unknown) => error);
assert.ok(isImageSourceError(refused) && refused.code === "RUNTIME_UNKNOWN");
await images.close();

const shipped = await createImageProvider(common);
assert.equal(shipped.selection.source, "gitea-local-build");
await shipped.close();

const schema = await configJsonSchema([registryPull, giteaLocalBuild]);
assert.ok(schema["properties"] !== undefined);
assert.equal(parseImageReference("busybox").toString(), "docker.io/library/busybox");
assert.equal(templateOptions["~standard"].version, 1);

// Named so that their types are compiled.
export type Used = [Provisioner, ImageBuilder, Forge];
export const used = [createProvisioner, createDockerEngine, findEngineEndpoint, startForge, tokens] as const;
console.log(`consumed on ${process.version}`);
