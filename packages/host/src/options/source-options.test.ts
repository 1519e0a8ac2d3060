import { expect, test } from "@jest/globals";
import { z } from "zod";
import { createImageProvider } from "../create-image-provider.js";
import { openHost } from "../open-host.js";
import { useHost, userFile } from "../use-host.test.support.js";

const host = useHost();

const settled = (promise: Promise<unknown>): Promise<unknown> => promise.catch((caught: unknown) => caught);
const schema = z.strictObject({
  colour: z.string().default("blue"),
  deep: z.strictObject({ size: z.number() }).optional(),
});
const mine = [...host.shipped, host.plugin("mine", { options: schema })];
const configure = (text: string): Promise<void> =>
  host.tree.write({ [userFile]: `sources: { local: mine }\n${text}` });

test("fills in defaults even if nothing is configured", async () => {
  await configure("");
  await createImageProvider(host.options({ plugins: mine }));
  expect(host.seen.at(-1)?.options).toEqual({ colour: "blue" });
});

test("names every problem, with the file and the path", async () => {
  await configure("options: { mine: { colour: 3, deep: { size: big } } }");
  const error = await settled(createImageProvider(host.options({ plugins: mine })));
  expect(error).toMatchObject({ code: "CONFIG_INVALID" });
  expect((error as Error).message).toContain(`${host.tree.path(userFile)}: options.mine.colour: `);
  expect((error as Error).message).toContain(`${host.tree.path(userFile)}: options.mine.deep.size: `);
});

test("names the file of an empty map, and a list where a map is needed", async () => {
  await configure("options: { mine: { colour: {}, deep: [] }, mien: {} }");
  const error = await settled(openHost(host.options({ plugins: mine })));
  expect(error).toMatchObject({ code: "CONFIG_INVALID" });
  const file = host.tree.path(userFile);
  for (const problem of [
    "options.mine.colour: must be text, not a map",
    "options.mine.deep: must be a map, not a list",
    'options.mien: unknown key: no plugin has this name (did you mean "mine"?)',
  ])
    expect((error as Error).message).toContain(`${file}: ${problem}`);
  expect((error as Error).message).toContain("3 problems");
});

test("rejects options for a source without a schema", async () => {
  await configure("options: { mine: { x: 1 } }");
  const error = await settled(
    createImageProvider(host.options({ plugins: [...host.shipped, host.plugin("mine")] })),
  );
  expect(error).toMatchObject({ code: "CONFIG_INVALID", message: expect.stringContaining("options.mine") });
});

test("rejects an options key that no plugin has as unknown", async () => {
  await configure("options: { mien: { x: 1 } }");
  const error = await settled(openHost(host.options({ plugins: mine })));
  expect(error).toMatchObject({ code: "CONFIG_INVALID" });
  expect((error as Error).message).toContain(
    'options.mien: unknown key: no plugin has this name (did you mean "mine"?)',
  );
});

test("blames the plugin if its schema throws", async () => {
  const broken = {
    "~standard": {
      version: 1 as const,
      vendor: "x",
      validate: () => {
        throw new RangeError("x");
      },
    },
  };
  const plugins = [host.plugin("gitea-local-build", { options: broken })];
  await expect(createImageProvider(host.options({ plugins }))).rejects.toMatchObject({
    code: "PLUGIN_BROKEN",
  });
});
