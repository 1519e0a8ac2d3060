/** What a source can be busy with. Closed, so that every display knows them all. */
export type Step =
  "resolve" | "find" | "wait" | "checkout" | "context" | "build" | "pull" | "load" | "push" | "tag";
