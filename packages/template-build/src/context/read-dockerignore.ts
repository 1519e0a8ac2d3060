import { readSmallFile } from "./read-small-file.js";

/** An ignore file of a template. */
export interface Dockerignore {
  /** Its path in the template, with slashes. */
  readonly path: string;
  readonly text: string;
}

/**
 * The ignore file that goes with a Dockerfile: `<Dockerfile>.dockerignore` beside it, else `.dockerignore` at the
 * root; undefined when there is neither. One that is no regular file or is longer than 1 MiB is `TEMPLATE_INVALID`.
 */
export async function readDockerignore(
  directory: string,
  dockerfile: string,
): Promise<Dockerignore | undefined> {
  for (const path of [`${dockerfile}.dockerignore`, ".dockerignore"]) {
    const text = await readSmallFile(directory, path);
    if (text !== undefined) return { path, text };
  }
  return undefined;
}
