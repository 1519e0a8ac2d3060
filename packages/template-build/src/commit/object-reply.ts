import type { Awaitable } from "../context/coroutine.js";

/** An object of git, with its whole content. */
export interface ReadObject {
  readonly type: string;
  readonly content: Buffer;
}

/** A requested object, which arrives later. */
export class ObjectReply {
  #object: ReadObject | undefined;
  #failure: unknown;
  #settle: { resolve: (object: ReadObject) => void; reject: (error: unknown) => void } | undefined;

  constructor(readonly id: string) {}

  /** Call it once. */
  object(): Awaitable<ReadObject> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#object !== undefined) return this.#object;
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }

  receive(object: ReadObject): void {
    this.#object = object;
    this.#settle?.resolve(object);
  }

  fail(error: unknown): void {
    this.#failure = error;
    this.#settle?.reject(error);
  }
}
