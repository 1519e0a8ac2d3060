import { isTree } from "./config-layer.js";
import type { Problem } from "./config-problem.js";

const maxValues = 10_000;
const maxDepth = 32;
const prototypeKeys: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Finds values that are unsafe to traverse: keys that reach prototypes, values that JSON does not support, and
 * excessive size. YAML aliases are shared objects, so a short file can expand to an unbounded number of values.
 */
export function plainTreeProblems(root: unknown, where: string): readonly Problem[] {
  const problems: Problem[] = [];
  let left = maxValues;

  function walk(value: unknown, path: readonly string[]): void {
    const report = (what: string): void => void problems.push({ where, path: path.join("."), what });
    left -= 1;
    if (left < 0) return;
    if (path.length > maxDepth) {
      report(`is nested more than ${String(maxDepth)} levels deep`);
      left = -1;
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) walk(item, [...path, String(index)]);
    } else if (isTree(value)) {
      if (Object.getPrototypeOf(value) !== Object.prototype)
        report("is a date or binary data; put it in quotes");
      for (const [key, item] of Object.entries(value)) {
        if (prototypeKeys.has(key)) report(`the key ${key} is not allowed`);
        else walk(item, [...path, key]);
      }
    }
  }

  walk(root, []);
  if (left < 0 && problems.length === 0) {
    problems.push({ where, path: "", what: `contains more than ${String(maxValues)} values` });
  }
  return problems;
}
