import { setMaxListeners } from "node:events";
import {
  ImageSourceError,
  isImageSourceError,
  type Call,
  type Clock,
  type RuntimeName,
} from "@molecule/core";
import type { TemplateForge } from "../forge/template-forge.js";

/** The result of looking up the templates of a forge. */
export interface FoundTemplates {
  /** One line for people. */
  readonly summary: string;
  /** Why a template that may exist cannot be looked up. */
  readonly problem: ImageSourceError | undefined;
}

/** Less than the limit of a check, which does not name the templates. */
const limitMs = 9_000;

/**
 * Looks up the templates of the runtimes concurrently, except those with a configured commit, which needs no lookup. A
 * template that does not exist is not a problem, unless none does: then rejects with the first error.
 */
export async function lookUpTemplates(
  forge: TemplateForge,
  runtimes: readonly RuntimeName[],
  call: Call,
  clock: Clock,
): Promise<FoundTemplates> {
  const limit = new AbortController();
  const signal = AbortSignal.any([call.signal, limit.signal]);
  setMaxListeners(0, signal);
  const found: RuntimeName[] = [];
  const pinned: RuntimeName[] = [];
  const missing: (readonly [RuntimeName, ImageSourceError])[] = [];
  const failed: (readonly [RuntimeName, ImageSourceError])[] = [];
  const lookUp = async (runtime: RuntimeName): Promise<void> => {
    try {
      const { remote } = await forge.head(forge.template(runtime, call.requested), { ...call, signal });
      (remote.isPinned === true ? pinned : found).push(runtime);
    } catch (error) {
      if (!isImageSourceError(error)) throw error;
      (error.code === "SOURCE_NOT_FOUND" ? missing : failed).push([runtime, error]);
    }
  };
  const cancel = clock.after(limitMs, () => {
    limit.abort(tooSlow());
  });
  await Promise.all(runtimes.map(lookUp)).finally(cancel);
  const problem = failed[0]?.[1];
  if (found.length + pinned.length === 0) throw problem ?? missing[0]?.[1];
  const inOrder = (names: readonly RuntimeName[]): string =>
    runtimes.filter((runtime) => names.includes(runtime)).join(", ");
  const namesOf = (failures: typeof missing): string => inOrder(failures.map(([runtime]) => runtime));
  const listed = (text: string, names: string): readonly string[] =>
    names === "" ? [] : [`${text} ${names}`];
  const lookedUp = [
    ...listed("it has the templates of", inOrder(found)),
    ...listed(found.length === 0 ? "it has no templates of" : "but not of", namesOf(missing)),
    ...listed(found.length + missing.length === 0 ? "cannot look up" : "and cannot look up", namesOf(failed)),
  ].join(", ");
  const configured = listed("commits are configured for", inOrder(pinned));
  return { summary: [lookedUp, ...configured].filter((text) => text !== "").join("; "), problem };
}

function tooSlow(): ImageSourceError {
  return new ImageSourceError({
    code: "SOURCE_UNREACHABLE",
    message: `the lookup got no response within ${String(limitMs / 1000)} s`,
    hint: "Check the load of the forge, then retry.",
  });
}
