// Jest without any configuration: CommonJS, run in a context of its own, without `import()`.
const { createServer } = require("node:http");
const { ImageSourceError } = require("@molecule/core");
const { createImageProvider } = require("@molecule/host");
const { default: giteaLocalBuild } = require("@molecule/source-gitea-local-build");

const forge = createServer((_request, response) => response.writeHead(404).end("{}"));
let images;
beforeAll(async () => {
  await new Promise((resolve) => forge.listen(0, "127.0.0.1", resolve));
  const env = {
    MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: `http://127.0.0.1:${forge.address().port}/acme/template-`,
  };
  images = await createImageProvider({ cwd: __dirname, env, plugins: [giteaLocalBuild] });
});
afterAll(async () => {
  await images.close();
  forge.close();
});

test("an unknown runtime is an ImageSourceError", async () => {
  await expect(images.ensure("nobody")).rejects.toThrow(ImageSourceError);
});

test("a forge is asked over HTTP", async () => {
  const error = await images.ensure("hermes").catch((reason) => reason);
  expect(error.message).toContain("/acme/template-hermes");
  expect(error.code).toMatch(/^SOURCE_/);
});
