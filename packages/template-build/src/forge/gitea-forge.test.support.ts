import { afterAll, afterEach, beforeAll } from "@jest/globals";
import {
  createMask,
  isImageSourceError,
  maskError,
  parseRuntimeName,
  silentLog,
  silentReport,
  type Call,
  type Fetch,
  type ImageSourceError,
} from "@molecule/core";
import { createStore } from "@molecule/node-edges";
import { startForge, type Forge, type ForgeOptions } from "@molecule/testkit";
import * as v from "valibot";
import { templateOptions, type TemplateOptions } from "../options/template-options.js";
import type { ForgeHead } from "./forge.js";
import { templateForge } from "./template-forge.js";

export const token = "s3cret-t0ken-for-tests";
export const hermes = parseRuntimeName("hermes");
export const hermesApi = "/api/v1/repos/molecule-ai/molecule-ai-workspace-template-hermes";

export function callWith(signal: AbortSignal = new AbortController().signal): Call {
  return {
    signal,
    progress: { step: (_step, _what, work) => work(silentReport) },
    log: silentLog,
    fresh: false,
  };
}

const defaults = v.parse(templateOptions, {});

/** Options of a lookup that replace the defaults. */
export interface LookUpOptions {
  readonly repoPrefix?: string;
  readonly branch?: string;
  readonly token?: string | undefined;
  readonly fetch?: Fetch;
  readonly templates?: TemplateOptions["templates"];
}

/** Looks up the template of `hermes`, as a source does. */
export async function headOf(
  forge: Forge,
  { token: value, fetch = globalThis.fetch, ...written }: LookUpOptions = {},
  call: Call = callWith(),
): Promise<ForgeHead & { readonly source: string }> {
  const options = { ...defaults, repoPrefix: forge.repoPrefix(), ...written };
  const looking = templateForge(options, {
    env: { MOLECULE_GITEA_TOKEN: value },
    fetch,
    store: createStore({ directory: "/nonexistent", env: {} }),
  });
  const template = looking.template(hermes, call.requested);
  return { ...(await looking.head(template, call)), source: template.repository.source };
}

/** A forge for one test file, with a template for `hermes` on `main`, and lookups in it. */
export interface LookUps {
  readonly forge: Forge;
  /** Looks up the head of `main`. */
  readonly commit: string;
  head(options?: LookUpOptions, signal?: AbortSignal): Promise<ForgeHead & { readonly source: string }>;
  /** Returns the error, as the caller receives it. */
  failure(options?: LookUpOptions, signal?: AbortSignal): Promise<ImageSourceError>;
  /** The requests since the start of the test, in order. */
  asked(): string[];
}

export function withForge(forgeOptions: ForgeOptions = {}): LookUps {
  let forge: Forge | undefined;
  let commit = "";
  let seenBefore = 0;

  const there = (): Forge => {
    if (forge === undefined) throw new TypeError("the forge is there only inside of tests");
    return forge;
  };
  beforeAll(async () => {
    forge = await startForge(forgeOptions);
    commit = await forge.addTemplate("hermes", { Dockerfile: "FROM scratch\n" });
  });
  afterEach(() => {
    there().clearFaults();
    seenBefore = there().requests.length;
  });
  afterAll(() => there().stop());

  const lookUps: LookUps = {
    get forge() {
      return there();
    },
    get commit() {
      return commit;
    },
    head: (options, signal) => headOf(there(), options, callWith(signal)),
    async failure(options, signal) {
      try {
        await lookUps.head(options, signal);
      } catch (error) {
        if (isImageSourceError(error)) return maskError(error, createMask([token]));
        throw error;
      }
      throw new Error("the lookup did not fail");
    },
    asked: () =>
      there()
        .requests.slice(seenBefore)
        .map(({ method, path }) => `${method} ${path}`),
  };
  return lookUps;
}
