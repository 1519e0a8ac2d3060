import "reflect-metadata";
import assert from "node:assert/strict";
import { isImageSourceError, tokens, type ImageProvider } from "@molecule/core";
import { createImageProvider } from "@molecule/host";
import giteaLocalBuild from "@molecule/source-gitea-local-build";
import registryPull from "@molecule/source-registry-pull";
import Fastify from "fastify";
import { container, inject, injectable } from "tsyringe";

@injectable()
class Workspaces {
  constructor(@inject(tokens.imageProvider) private readonly images: ImageProvider) {}

  /** Returns the error code, as this server has no engine. */
  async prepare(runtime: string): Promise<string> {
    const error: unknown = await this.images.ensure(runtime).catch((reason: unknown) => reason);
    return isImageSourceError(error) ? error.code : "unexpected";
  }
}

const images = await createImageProvider({
  cwd: process.cwd(),
  env: {},
  plugins: [registryPull, giteaLocalBuild],
  container,
});
const app = Fastify();
app.addHook("onClose", () => images.close());
app.get<{ Params: { runtime: string } }>("/:runtime", ({ params }) =>
  images.container.resolve(Workspaces).prepare(params.runtime),
);

const answer = await app.inject({ url: "/nobody" });
assert.equal(answer.body, "RUNTIME_UNKNOWN");
await app.close();
console.log("consumed");
