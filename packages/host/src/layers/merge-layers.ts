import { isTree, type Layer, type Tree } from "./config-layer.js";

interface Leaf {
  readonly value: unknown;
  readonly layer: Layer;
}
// A Map, so that no key can reach a prototype.
type Branch = Map<string, Branch | Leaf>;

/** The merged layers and the origin of each value. */
export interface Merged {
  /** Returns the value at a path; undefined if there is none. Without a path, returns the whole tree. */
  at(...path: readonly string[]): unknown;
  /** Returns the layer of the value at a path; for a map, the layer of its first leaf, or of the empty map. */
  layerOf(...path: readonly string[]): Layer | undefined;
  /** Returns every leaf. An array is one leaf. */
  leaves(): readonly { readonly path: readonly string[]; readonly value: unknown; readonly layer: Layer }[];
}

/** A key whose value is one for all, or a map with the key `default`. */
interface MapWithDefault {
  readonly path: readonly string[];
  readonly hasDefault: boolean;
}

/**
 * Merges maps key by key. A later layer replaces any other value, arrays included; undefined removes it.
 * @param maps where a map in a later layer keeps a single value of a lower one as its `default`
 */
export function mergeLayers(layers: readonly Layer[], maps: readonly MapWithDefault[] = []): Merged {
  const withDefault = new Set(maps.flatMap(({ path, hasDefault }) => (hasDefault ? [path.join(".")] : [])));
  const root: Branch = new Map();
  const origins = new WeakMap<Branch, Layer>();
  for (const layer of layers) addValues(root, layer.values, layer);

  function addValues(branch: Branch, values: Tree, layer: Layer, above = ""): void {
    for (const [key, value] of Object.entries(values)) {
      if (!isTree(value)) {
        branch.set(key, { value, layer });
        continue;
      }
      const path = above + key;
      const below = branch.get(key);
      const next: Branch = below instanceof Map ? below : new Map<string, Branch | Leaf>();
      if (below !== undefined && !(below instanceof Map) && withDefault.has(path)) next.set("default", below);
      branch.set(key, next);
      origins.set(next, layer);
      addValues(next, value, layer, `${path}.`);
    }
  }

  function find(path: readonly string[]): Branch | Leaf | undefined {
    let node: Branch | Leaf | undefined = root;
    for (const key of path) node = node instanceof Map ? node.get(key) : undefined;
    return node;
  }

  return {
    at: (...path) => valueOf(find(path)),
    layerOf: (...path) => {
      let node = find(path);
      while (node instanceof Map && node.size > 0) node = node.values().next().value;
      return node instanceof Map ? origins.get(node) : node?.layer;
    },
    leaves: () => [...leavesOf(root, [])],
  };
}

function valueOf(node: Branch | Leaf | undefined): unknown {
  if (!(node instanceof Map)) return node?.value;
  const values = [...node].map(([key, child]) => [key, valueOf(child)] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

function* leavesOf(
  branch: Branch,
  above: readonly string[],
): Generator<Leaf & { readonly path: readonly string[] }> {
  for (const [key, node] of branch) {
    const path = [...above, key];
    if (node instanceof Map) yield* leavesOf(node, path);
    else if (node.value !== undefined) yield { path, ...node };
  }
}
