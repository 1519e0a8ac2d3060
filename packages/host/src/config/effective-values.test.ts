import { expect, test } from "@jest/globals";
import { definePlugin, type ImageSource } from "@molecule/core";
import { openHost } from "../open-host.js";

const plugin = definePlugin<{ repoPrefix?: string; dockerfile: string }>({
  name: "gitea-local-build",
  apiVersion: 1,
  modes: ["local"],
  variables: [
    { name: "MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX", option: "repoPrefix" },
    { name: "ACME_LICENCE", option: "licence", secret: true },
  ],
  options: {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) => ({ value: { dockerfile: "Dockerfile", ...(value as object) } }),
    },
  },
  create: () => ({}) as ImageSource,
});

async function valuesIn(
  env: Record<string, string>,
): Promise<Map<string, { value: unknown; origin: string }>> {
  const host = await openHost({ cwd: "/", env, home: "/nowhere", plugins: [plugin] });
  const values = await host.values();
  await host.close();
  return new Map(values.map(({ path, value, origin }) => [path, { value, origin }]));
}

test("effective values include the source's own defaults", async () => {
  const values = await valuesIn({});
  expect(values.get("options.gitea-local-build.dockerfile")).toEqual({
    value: "Dockerfile",
    origin: "default",
  });
  expect(values.get("MOLECULE_GITEA_TOKEN")).toEqual({ value: null, origin: "default" });
});

test("a value set by a variable has that variable as its origin", async () => {
  const values = await valuesIn({
    MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: "https://forge.example/acme/t-",
    MOLECULE_LOCAL_IMAGE_ISOLATION: "mine",
  });
  expect(values.get("options.gitea-local-build.repoPrefix")).toEqual({
    value: "https://forge.example/acme/t-",
    origin: "variable MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX",
  });
  expect(values.get("MOLECULE_LOCAL_IMAGE_ISOLATION")).toMatchObject({ value: "mine" });
});

test("effective values contain no secret, wherever it is set", async () => {
  const values = await valuesIn({
    MOLECULE_GITEA_TOKEN: "hunter2hunter2",
    MOLECULE_IMAGE_REGISTRY: "https://me:hunter2hunter2@registry.example/acme",
    MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: "https://me:hunter2hunter2@forge.example/acme/t-",
  });
  expect(JSON.stringify([...values])).not.toContain("hunter2");
  expect(values.get("MOLECULE_GITEA_TOKEN")).toEqual({
    value: "***",
    origin: "variable MOLECULE_GITEA_TOKEN",
  });
  expect(values.get("MOLECULE_IMAGE_REGISTRY")).toMatchObject({ value: "https://***@registry.example/acme" });
});

test("a secret variable that sets an option is masked as that option's value", async () => {
  const values = await valuesIn({ ACME_LICENCE: "hunter2hunter2" });
  expect(JSON.stringify([...values])).not.toContain("hunter2");
  expect(values.get("options.gitea-local-build.licence")).toEqual({
    value: "***",
    origin: "variable ACME_LICENCE",
  });
});
