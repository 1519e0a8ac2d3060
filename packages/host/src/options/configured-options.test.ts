import { expect, test } from "@jest/globals";
import { configuredOptions } from "./configured-options.js";
import { mergeLayers } from "../layers/merge-layers.js";
import { pluginAtHand } from "../plugins/plugins-at-hand.test.support.js";
import { explicitOptions } from "../layers/explicit-options.js";

const plugin = { ...pluginAtHand("mine"), optionPaths: ["key", "secrets.*.file"] };

const of = (...layers: Parameters<typeof mergeLayers>[0]): unknown =>
  configuredOptions(plugin, explicitOptions(mergeLayers(layers)));

test("resolves a relative path against the directory of its file", () => {
  const user = { key: "./cosign.pub", secrets: { a: { file: "a" }, b: { env: "B" } } };
  const project = { secrets: { c: { file: "../c" }, d: { file: "/d" } }, other: "./x" };
  expect(
    of(
      { origin: "u", file: "/home/me/.config/molecule/config.yaml", values: { options: { mine: user } } },
      { origin: "p", file: "/home/me/p/.moleculerc", values: { options: { mine: project } } },
    ),
  ).toEqual({
    key: "/home/me/.config/molecule/cosign.pub",
    secrets: {
      a: { file: "/home/me/.config/molecule/a" },
      b: { env: "B" },
      c: { file: "/home/me/c" },
      d: { file: "/d" },
    },
    other: "./x",
  });
});

test("leaves non-strings to the schema, and values from outside a file unchanged", () => {
  expect(
    of({ origin: "p", file: "/p/a", values: { options: { mine: { key: 1, secrets: ["x"] } } } }),
  ).toEqual({
    key: 1,
    secrets: ["x"],
  });
  expect(of({ origin: "variable X", values: { options: { mine: { key: "a" } } } })).toEqual({ key: "a" });
  expect(of()).toEqual({});
});
