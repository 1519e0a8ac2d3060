import { readFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { openHost } from "@molecule/host";
import { temporaryTree } from "@molecule/test-fixtures";
import { shipped } from "./open-command-host.js";

const published = new URL("../../../host/schema/moleculerc.schema.json", import.meta.url);

type Path = readonly string[];
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** Returns the path of every key; a list stands for its first item, a map for its entry `hermes`. */
function pathsOf(
  { properties = {}, additionalProperties, items, anyOf = [] }: Schema,
  above: Path = [],
): Path[] {
  const inMap = typeof additionalProperties === "object" ? { hermes: additionalProperties } : {};
  const below = Object.entries({ ...properties, ...inMap, ...(items === undefined ? {} : { "0": items }) });
  return [
    ...below.flatMap(([key, schema]) => [[...above, key], ...pathsOf(schema, [...above, key])]),
    ...anyOf.flatMap((schema) => pathsOf(schema, above)),
  ];
}

const at = (path: Path, value: unknown): unknown =>
  path.reduceRight((inner, key) => (key === "0" ? [inner] : { [key]: inner }), value);

test("no wrong value of any key gets a message of the schema library", async () => {
  const tree = await temporaryTree({ "home/": "" });
  const home = tree.path("home");
  const config = tree.path("c.json");
  const paths = pathsOf(JSON.parse(await readFile(published, "utf8")) as Schema);
  expect(paths.length).toBeGreaterThan(100);
  try {
    for (const path of paths) {
      for (const value of ["a b", [7], {}, { "a b": 7 }]) {
        await tree.write({ "c.json": JSON.stringify(at(path, value)) });
        const message = await openHost({ cwd: home, home, env: {}, config, shipped }).then(
          async (host) => {
            await host.close();
            return "";
          },
          (error: unknown) => String(error).replace("the configuration is invalid", ""),
        );
        expect(message).not.toMatch(/Invalid|[Ee]xpected|[Rr]eceived|Function|not a valid input|\/\^/);
        if (message !== "") expect(message).toContain(config);
        expect(message).not.toContain("default: ");
      }
    }
  } finally {
    await tree.remove();
  }
});
