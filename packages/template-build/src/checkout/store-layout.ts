import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

/** Everything that `git init --bare` and a complete fetch leave in a repository of ours. */
const names =
  /^(?:HEAD|config|shallow|objects(?:\/(?:info|pack(?:\/pack-[0-9a-f]+\.(?:pack|idx|rev))?))?|refs(?:\/(?!.*\.lock$).*)?)$/;
const head = "ref: refs/heads/main\n";
/** The keys that git itself writes; the last three only on some file systems. */
const config =
  /^\[core\]\n(?:\t(?:repositoryformatversion|filemode|bare|ignorecase|precomposeunicode|symlinks) = (?:0|1|true|false)\n)+(?:\[extensions\]\n\tobjectformat = (sha256)\n)?$/;

/** The objects of a commit are named by hashes of one of these formats. */
export type ObjectFormat = "sha1" | "sha256";

/** A repository that can be fetched into; undefined if a reason says why it cannot. */
export type StoreLayout =
  | { readonly fault: string }
  | { readonly fault: undefined; readonly isEmpty: boolean; readonly packs: readonly string[] };

/**
 * Examines the files of a repository in which an earlier process may have been killed, or a person may have changed
 * something. Only files that git itself leaves after a complete fetch are accepted, and no link: no hook, no attributes,
 * no other source of objects, no unfinished file, no key in the configuration that is not ours.
 */
export async function readStoreLayout(path: string, format: ObjectFormat): Promise<StoreLayout> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  if (entries.length === 0) return { fault: undefined, isEmpty: true, packs: [] };
  const found = entries.map((entry) => ({ entry, name: relative(path, join(entry.parentPath, entry.name)) }));
  const strange = found.find(
    ({ entry, name }) => !names.test(name) || !(entry.isFile() || entry.isDirectory()),
  );
  if (strange !== undefined) return { fault: `it contains ${JSON.stringify(strange.name)}` };
  const [ofHead, ofConfig] = await Promise.all(
    ["HEAD", "config"].map((name) => readFile(join(path, name), "utf8").catch(() => "")),
  );
  if (ofHead !== head) return { fault: "its HEAD was changed" };
  const [known, extension = "sha1"] = config.exec(ofConfig ?? "") ?? [];
  if (known === undefined) return { fault: "its configuration was changed" };
  if (extension !== format) return { fault: `its objects have ${extension} hashes` };
  const withEnd = (end: string): string[] =>
    found.flatMap(({ name }) => (name.endsWith(end) ? [name.slice(0, -end.length)] : [])).sort();
  const packs = withEnd(".pack");
  if (packs.join() !== withEnd(".idx").join()) return { fault: "a pack has no index" };
  return { fault: undefined, isEmpty: false, packs };
}
