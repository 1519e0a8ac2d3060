/**
 * The candidate that the word most likely meant: the only one that begins with it, or else the closest, a few letters
 * away; undefined when none is.
 */
export function closestMatch(word: string, candidates: Iterable<string>): string | undefined {
  const all = [...new Set(candidates)];
  const [longer, ...others] = word.length < 3 ? [] : all.filter((candidate) => candidate.startsWith(word));
  if (longer !== undefined && others.length === 0) return longer;
  // Two, so that neighbours that changed places are still close.
  const limit = word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3));
  const ranked = all
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((one, other) => one.distance - other.distance);
  return ranked[0]?.candidate;
}

/** Insertions, deletions and replacements between two words (Levenshtein). */
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
