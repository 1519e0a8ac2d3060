import type { Mask } from "./mask.js";

/** Masks chunks of text that may break, or be cut, inside a secret. */
export interface MaskStream {
  /**
   * Returns the pieces that can be shown now, masked. A piece that may end inside a secret is held back until the next
   * one. If that continues the secret, the two are joined; if the result were too long, the secret moves to the next.
   */
  take(piece: string): readonly string[];
  /** Returns the piece that is held back, if any. */
  end(): readonly string[];
}

const hidden = "***";
/** From this length on, the start of a secret is hidden even if the rest never arrives. */
const minCutLength = 8;
/** A piece is not held back for a shorter start of a secret, so this much of the last piece is kept for matching. */
const keptLength = 3;
/** Limits the memory for input that would be joined forever. */
const maxWaitingLength = 8_192;
/** Marks where this project has cut a line. */
const cutMark = "…";

/** Returns a stream that masks with the given mask. */
export function maskStream(mask: Mask): MaskStream {
  let waiting = "";
  let before = "";

  function show(piece: string): string {
    const both = before + piece;
    const joined = mask.text(both);
    const isSplit = !joined.startsWith(before);
    const shown = isSplit ? joined.slice(commonLength(joined, before)) : hideCut(piece);
    before = both.slice(-keptLength);
    return shown;
  }

  function hideCut(piece: string): string {
    const mark = piece.endsWith(cutMark) ? cutMark : "";
    const kept = piece.slice(0, piece.length - mark.length);
    const begun = mask.begun(kept);
    return begun < minCutLength ? mask.text(piece) : mask.text(kept.slice(0, -begun)) + hidden + mark;
  }

  function belongTogether(first: string, second: string): boolean {
    const both = first + second;
    return mask.begun(both) > second.length || mask.text(both) !== mask.text(first) + mask.text(second);
  }

  function takeUp(piece: string): { readonly shown: readonly string[]; readonly next: string } {
    if (waiting === "") return { shown: [], next: piece };
    const begun = mask.begun(waiting);
    const [kept, end] = [waiting.slice(0, -begun), waiting.slice(-begun)];
    if (!belongTogether(end, piece)) return { shown: [show(waiting)], next: piece };
    if (waiting.length + piece.length <= maxWaitingLength) return { shown: [], next: waiting + piece };
    return { shown: kept === "" ? [] : [show(kept)], next: end + piece };
  }

  return {
    take(piece) {
      if (waiting === "" && mask.begun(piece) === 0) return [show(piece)];
      const { shown, next } = takeUp(piece);
      waiting = mask.begun(next) > 0 ? next : "";
      return waiting === "" ? [...shown, show(next)] : shown;
    },
    end() {
      const shown = waiting === "" ? [] : [show(waiting)];
      waiting = "";
      return shown;
    },
  };
}

function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < other.length && one[length] === other[length]) length += 1;
  return length;
}
