/** A step of the work. The list is closed, so that every display knows all steps. */
export type Step =
  "resolve" | "find" | "wait" | "checkout" | "context" | "build" | "pull" | "load" | "push" | "tag";
