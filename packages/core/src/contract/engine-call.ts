/** Options of every engine call. */
export interface EngineCall {
  readonly signal?: AbortSignal | undefined;
}
