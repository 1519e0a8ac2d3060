import type { Mask } from "./mask.js";

/** Masks chunks of text that may break, or be cut, inside a secret. */
export interface MaskStream {
  /**
   * Returns the pieces that can be shown now, masked. One that may end inside of a secret waits for the next; with the
   * rest of the secret in that, they become one, or if that were too long, the next piece has the whole secret.
   */
  take(piece: string): readonly string[];
  /** Returns the waiting piece, if any. */
  end(): readonly string[];
}

const hidden = "***";
/** From here on the end of a piece is hidden though the rest of the secret does not come. */
const minCutLength = 8;
/** A shorter beginning of a secret does not make a piece wait, so that its rest has to be looked for without it. */
const keptLength = 3;
/** Against pieces that are made to be joined for ever. */
const maxWaitingLength = 8_192;
/** What our own cuts leave behind. */
const cutMark = "…";

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
