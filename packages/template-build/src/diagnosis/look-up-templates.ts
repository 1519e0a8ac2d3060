import { isImageSourceError, type Call, type ImageSourceError, type RuntimeName } from "@molecule/core";
import type { TemplateForge } from "../forge/template-forge.js";

/** Which templates of a forge were found. */
export interface FoundTemplates {
  /** One line for people. */
  readonly summary: string;
  /** Why a template that may exist cannot be looked up. */
  readonly problem: ImageSourceError | undefined;
}

/**
 * Looks up the templates of the runtimes concurrently. A template that does not exist is not a problem, unless none does:
 * then rejects with the first error.
 */
export async function lookUpTemplates(
  forge: TemplateForge,
  runtimes: readonly RuntimeName[],
  call: Call,
): Promise<FoundTemplates> {
  const found: RuntimeName[] = [];
  const missing: (readonly [RuntimeName, ImageSourceError])[] = [];
  const failed: (readonly [RuntimeName, ImageSourceError])[] = [];
  const lookUp = async (runtime: RuntimeName): Promise<void> => {
    try {
      await forge.head(runtime, call);
      found.push(runtime);
    } catch (error) {
      if (!isImageSourceError(error)) throw error;
      (error.code === "SOURCE_NOT_FOUND" ? missing : failed).push([runtime, error]);
    }
  };
  await Promise.all(runtimes.map(lookUp));
  const problem = failed[0]?.[1];
  if (found.length === 0) throw problem ?? missing[0]?.[1];
  const inOrder = (names: readonly RuntimeName[]): string =>
    runtimes.filter((runtime) => names.includes(runtime)).join(", ");
  const namesOf = (failures: typeof missing): string => inOrder(failures.map(([runtime]) => runtime));
  const parts = [
    `it has the templates of ${inOrder(found)}`,
    ...(missing.length === 0 ? [] : [`but not of ${namesOf(missing)}`]),
    ...(failed.length === 0 ? [] : [`and cannot look up ${namesOf(failed)}`]),
  ];
  return { summary: parts.join(", "), problem };
}
