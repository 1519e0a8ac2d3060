import { readdir, readFile } from "node:fs/promises";

/** The IDs of this process's descendants. Works on Linux only. */
export async function ownProcesses(): Promise<ReadonlyMap<number, string>> {
  const ids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const parents = new Map<number, { readonly parent: number; readonly name: string }>();
  for (const id of ids) {
    const stat = await readFile(`/proc/${id}/stat`, "utf8").catch(() => "");
    const [, name = "", state, parent] = /\((.*)\) (\S) (\d+)/s.exec(stat) ?? [];
    if (parent !== undefined && state !== "Z") parents.set(Number(id), { parent: Number(parent), name });
  }
  const isOwn = (id: number): boolean => {
    const parent = parents.get(id)?.parent;
    return parent === process.pid || (parent !== undefined && isOwn(parent));
  };
  return new Map([...parents].filter(([id]) => isOwn(id)).map(([id, { name }]) => [id, name]));
}
