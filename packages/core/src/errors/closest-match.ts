/**
 * Returns the candidate that the word most likely means: the only one that starts with it, else the closest within a
 * few edits; undefined if there is none.
 */
export function closestMatch(word: string, candidates: Iterable<string>): string | undefined {
  const all = [...new Set(candidates)];
  const [longer, ...others] = word.length < 3 ? [] : all.filter((candidate) => candidate.startsWith(word));
  if (longer !== undefined && others.length === 0) return longer;
  // Two, because swapping neighbouring letters counts as two edits.
  const limit = word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3));
  const ranked = all
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((one, other) => one.distance - other.distance);
  return ranked[0]?.candidate;
}

/** Returns the Levenshtein distance between two words. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of from.split("").entries()) {
    const next = [index + 1];
    for (const [column, other] of to.split("").entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
