// A third-party host application. tests/consumers.test.ts compiles it as strictly as TypeScript can, for each kind of
// module and of module resolution, and runs it.
import { strict as assert } from "node:assert";
import {
  definePlugin,
  isImageSourceError,
  parseImageReference,
  parsePlatform,
  tokens,
  type ContainerCreateOptions,
  type ImageProvider,
  type ImageSource,
} from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { configJsonSchema, createImageProvider, type HostOptions } from "@molecule/host";
import { containerLabels, createProvisioner, type Provisioner } from "@molecule/provisioner";
import giteaLocalBuild from "@molecule/source-gitea-local-build";
import registryPull from "@molecule/source-registry-pull";
import { templateOptions, type ImageBuilder } from "@molecule/template-build";
import { openTelemetryObserver } from "@molecule/telemetry";
import { startForge, type Forge } from "@molecule/testkit";
import { openHttpMocks, type HttpMocks } from "@molecule/testkit/http-mocks";

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

async function main(): Promise<void> {
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
  const provisioner: Provisioner = createProvisioner({ images: shipped });
  const create: ContainerCreateOptions = { User: "1000", HostConfig: { Memory: 1024 ** 3 } };
  const owned = provisioner.start({
    runtime: "hermes",
    create: { ...create, Labels: { [containerLabels.managedBy]: "me" } },
  });
  await assert.rejects(owned, { code: "USAGE" });
  await shipped.close();

  const schema = await configJsonSchema([registryPull, giteaLocalBuild]);
  assert.ok(schema["properties"] !== undefined);
  assert.equal(parseImageReference("busybox").toString(), "docker.io/library/busybox");
  assert.equal(templateOptions["~standard"].version, 1);
  console.log("consumed");
}

// Named so that their types are compiled.
export type Used = [ImageBuilder, Forge, Pick<HttpMocks, "close">];
export const used = [
  createDockerEngine,
  findEngineEndpoint,
  startForge,
  openHttpMocks,
  openTelemetryObserver,
  tokens,
] as const;
void main();
