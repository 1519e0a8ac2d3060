import type { ProxiedRequest } from "./fault-proxy.js";
import { requestBody, type RequestBody } from "./request-body.js";

/** Bytes that belong together. */
export interface Piece {
  readonly bytes: Buffer;
  /** Whether they begin an exchange: an HTTP request, or whatever else this connection is used for. */
  readonly begins?: ProxiedRequest | "unknown";
}

const maxHeadBytes = 128 * 1024;
const headEnd = "\r\n\r\n";

/**
 * Follows the client's bytes and finds where its requests begin, as long as it is HTTP/1. After an upgrade, or from
 * the first byte that is not HTTP, the rest of the connection is one exchange.
 */
export class RequestReader {
  #head = Buffer.alloc(0);
  #body: RequestBody | undefined;
  #isUnknown = false;

  read(chunk: Buffer): readonly Piece[] {
    const pieces: Piece[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#isUnknown) return [...pieces, { bytes: rest }];
      if (this.#body === undefined) {
        const piece = this.#takeHead(rest);
        if (piece === undefined) return pieces;
        pieces.push({ bytes: piece.bytes, begins: piece.begins });
        rest = piece.rest;
      } else {
        const length = this.#body.take(rest);
        if (length > 0) pieces.push({ bytes: rest.subarray(0, length) });
        rest = rest.subarray(length);
        if (this.#body.isWhole) this.#body = undefined;
      }
    }
    return pieces;
  }

  /** Bytes that were held back for a head that was never completed. */
  end(): Buffer {
    return this.#head;
  }

  #takeHead(bytes: Buffer): (Required<Piece> & { readonly rest: Buffer }) | undefined {
    const all = Buffer.concat([this.#head, bytes]);
    const end = all.indexOf(headEnd);
    if (
      end === -1 &&
      all.length < maxHeadBytes &&
      /^[A-Z]{1,20}(?: |$)/.test(all.toString("latin1", 0, 21))
    ) {
      this.#head = all;
      return undefined;
    }
    this.#head = Buffer.alloc(0);
    const head = end === -1 ? "" : all.toString("latin1", 0, end);
    const [, method, path] = /^([A-Z]+) (\S+) HTTP\/1\.[01](?:\r\n|$)/.exec(head) ?? [];
    if (method === undefined || path === undefined) {
      this.#isUnknown = true;
      return { bytes: all, begins: "unknown", rest: Buffer.alloc(0) };
    }
    const body = requestBody(head);
    if (!body.isWhole) this.#body = body;
    const length = end + headEnd.length;
    return { bytes: all.subarray(0, length), begins: { method, path }, rest: all.subarray(length) };
  }
}
