import { parseJson } from "@molecule/core";
import { inlineFile } from "../layers/inline-file.js";
import { isTree } from "../layers/config-layer.js";
import { plainTreeProblems } from "../layers/plain-tree.js";
import { nameOfType } from "../layers/plain-schema-message.js";
import { checkedLayer, type CheckedLayer } from "./read-layer.js";

/** The origin of inline settings, for messages. */
export const inlineOrigin = "settings";

/**
 * Checks inline settings like the content of a file in `cwd`.
 * @param settings not trusted to have the declared type: applications may be written in JavaScript
 */
export async function inlineLayer(settings: unknown, cwd: string): Promise<CheckedLayer> {
  const refused = (what: string): CheckedLayer => ({
    layer: undefined,
    problems: [{ where: inlineOrigin, path: "", what }],
  });
  const copy = jsonCopy(settings);
  if (copy === undefined) return refused("must be data that JSON can hold, without functions");
  if (!isTree(copy)) return refused(`must be a map, not ${nameOfType(copy)}`);
  const problems = plainTreeProblems(copy, inlineOrigin);
  if (problems.length > 0) return { layer: undefined, problems };
  return checkedLayer(copy, inlineOrigin, inlineFile(cwd));
}

/** Returns a plain copy without undefined members, so that they do not remove the defaults; undefined if JSON cannot hold it. */
function jsonCopy(value: unknown): unknown {
  try {
    return parseJson(
      JSON.stringify(value, (_key, one: unknown) => {
        if (typeof one === "function" || typeof one === "symbol") throw new TypeError("not data");
        return one;
      }),
    );
  } catch {
    return undefined;
  }
}
