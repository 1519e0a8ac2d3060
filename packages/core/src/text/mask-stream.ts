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
const maxHeldLength = 8_192;
/** Marks where this project has cut a line. */
const cutMark = "…";

/** Returns a stream that masks with the given mask. */
export function maskStream(mask: Mask): MaskStream {
  let held = "";
  let before = "";

  function show(piece: string): string {
    const joinedPieces = before + piece;
    const joined = mask.text(joinedPieces);
    const isSplit = !joined.startsWith(before);
    const shown = isSplit ? joined.slice(commonLength(joined, before)) : hideCut(piece);
    before = joinedPieces.slice(-keptLength);
    return shown;
  }

  function hideCut(piece: string): string {
    const mark = piece.endsWith(cutMark) ? cutMark : "";
    const kept = piece.slice(0, piece.length - mark.length);
    const begun = mask.begun(kept);
    return begun < minCutLength ? mask.text(piece) : mask.text(kept.slice(0, -begun)) + hidden + mark;
  }

  function belongTogether(first: string, second: string): boolean {
    const pair = first + second;
    return mask.begun(pair) > second.length || mask.text(pair) !== mask.text(first) + mask.text(second);
  }

  function joinHeld(piece: string): { readonly shown: readonly string[]; readonly next: string } {
    if (held === "") return { shown: [], next: piece };
    const begun = mask.begun(held);
    const [kept, end] = [held.slice(0, -begun), held.slice(-begun)];
    if (!belongTogether(end, piece)) return { shown: [show(held)], next: piece };
    if (held.length + piece.length <= maxHeldLength) return { shown: [], next: held + piece };
    return { shown: kept === "" ? [] : [show(kept)], next: end + piece };
  }

  return {
    take(piece) {
      if (held === "" && mask.begun(piece) === 0) return [show(piece)];
      const { shown, next } = joinHeld(piece);
      held = mask.begun(next) > 0 ? next : "";
      return held === "" ? [...shown, show(next)] : shown;
    },
    end() {
      const shown = held === "" ? [] : [show(held)];
      held = "";
      return shown;
    },
  };
}

function commonLength(first: string, second: string): number {
  let length = 0;
  while (length < second.length && first[length] === second[length]) length += 1;
  return length;
}
