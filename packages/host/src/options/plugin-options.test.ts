import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { definePlugin, type ImageSource, type SourcePlugin } from "@molecule/core";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { createImageProvider } from "../create-image-provider.js";
import { temporaryTree, type TemporaryTree } from "@molecule/test-fixtures";

let tree: TemporaryTree;
let seen: { readonly colour: string; readonly size?: number | undefined } | undefined;

beforeEach(async () => {
  seen = undefined;
  tree = await temporaryTree({ "home/": "" });
});
afterEach(() => tree.remove());

/** Records its options. This compiles only if each library's schema types them. */
function made(options: NonNullable<typeof seen>): ImageSource {
  seen = options;
  const unasked = (): Promise<never> => Promise.reject(new Error("nobody asks"));
  return { name: "mine", resolve: unasked, find: unasked, provide: unasked };
}
const common = { name: "mine", apiVersion: 1, modes: ["local"] as const };

const libraries: readonly [string, SourcePlugin][] = [
  [
    "zod",
    definePlugin({
      ...common,
      options: z.strictObject({ colour: z.string().default("blue"), size: z.number().optional() }),
      create: (options) => made(options),
    }),
  ],
  [
    "valibot",
    definePlugin({
      ...common,
      options: v.strictObject({ colour: v.optional(v.string(), "blue"), size: v.optional(v.number()) }),
      optionsJsonSchema: () => ({
        type: "object",
        properties: { colour: { type: "string" }, size: { type: "number" } },
        additionalProperties: false,
      }),
      create: (options) => made(options),
    }),
  ],
  [
    "arktype",
    definePlugin({
      ...common,
      options: type({ "+": "reject", colour: "string = 'blue'", "size?": "number" }),
      create: (options) => made(options),
    }),
  ],
];

describe.each(libraries)("options with a schema of %s", (_library, plugin) => {
  const open = async (options: string): Promise<void> => {
    const file = "home/.config/molecule/config.yaml";
    await tree.write({ [file]: `sources: { local: mine }\noptions: { mine: ${options} }\n` });
    const home = tree.path("home");
    const images = await createImageProvider({ cwd: home, env: {}, home, plugins: [plugin] });
    await images.close();
  };

  test("are validated, with defaults filled in", async () => {
    await open("{ size: 3 }");
    expect(seen).toEqual({ colour: "blue", size: 3 });
  });

  test("name every invalid value, with the file and the path", async () => {
    const error: unknown = await open("{ colour: 1, size: big }").catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    const { message } = error as Error;
    expect(message).toContain("2 problems");
    for (const key of ["colour", "size"]) expect(message).toContain(`config.yaml: options.mine.${key}: `);
  });

  test("report a list where a map is needed once", async () => {
    await expect(open("[]")).rejects.toThrow(/: options\.mine: must be a map, not a list$/);
  });

  test("report an unknown key once, with the closest match", async () => {
    await expect(open("{ color: red }")).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringMatching(
        /^the configuration is invalid: \S+: options\.mine\.color: unknown key \(did you mean "colour"\?\)$/,
      ) as unknown,
    });
  });
});
