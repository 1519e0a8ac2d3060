// Vitest is not a dependency of this repository, so the documents' imports from it get the types of Jest.
export { afterEach, expect, test } from "@jest/globals";
