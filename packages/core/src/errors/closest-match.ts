import { distance } from "fastest-levenshtein";

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
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ edits }) => edits <= limit)
    .sort((left, right) => left.edits - right.edits);
  return ranked[0]?.candidate;
}
