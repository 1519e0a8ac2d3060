// Vitest is not a dependency of this repository. What the documents use of it has the types of Jest.
export { afterEach, expect, test } from "@jest/globals";
