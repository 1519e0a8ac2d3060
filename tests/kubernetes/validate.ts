import { join } from "node:path";
import { compileModules } from "../docs/compile-modules.js";
import { root } from "../docs/documents.js";
import type { Manifest } from "./manifests.js";

/*
 * Checks manifests against the schemas of Kubernetes in the package kubernetes-models. Its validators accept unknown
 * fields, which its types refuse; its types accept any text as a quantity, which its validators refuse.
 */

/** Returns what is wrong with these manifests. */
export async function problemsOf(manifests: readonly Manifest[]): Promise<readonly string[]> {
  return [...(await invalidValues(manifests)), ...wrongTypes(manifests)];
}

type Model = new (data: Manifest) => { validate(): void };

async function invalidValues(manifests: readonly Manifest[]): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const manifest of manifests) {
    const models = (await import(`kubernetes-models/${manifest.apiVersion}`)) as Record<string, Model>;
    const model = models[manifest.kind];
    try {
      if (model === undefined) throw new Error(`${manifest.apiVersion} has no such kind`);
      new model(manifest).validate();
    } catch (error) {
      problems.push(`${nameOf(manifest)}: ${String(error)}`);
    }
  }
  return problems;
}

function wrongTypes(manifests: readonly Manifest[]): readonly string[] {
  const modules = manifests.map((manifest, index) => {
    const { apiVersion, kind } = manifest;
    const path = join(root, "tests/kubernetes", `${kind}-${String(index)}.ts`);
    const lines = [
      `import type { I${kind} } from "kubernetes-models/${apiVersion}";`,
      `export const manifest: I${kind} = ${JSON.stringify(manifest)};`,
    ];
    return [path, lines.join("\n")] as const;
  });
  return compileModules(new Map(modules));
}

const nameOf = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.name}`;
