import {
  createMask,
  parsePlatform,
  silentLog,
  silentReport,
  type Call,
  type ContainerEngine,
  type ImageInspection,
  type ImageSource,
  type SourceServices,
} from "@molecule/core";
import plugin from "./index.js";

type Options = Parameters<typeof plugin.create>[0];

/** A call of nobody in particular. */
export function callOf(): Call {
  return {
    signal: new AbortController().signal,
    progress: { step: (_name, _what, work) => work(silentReport) },
    log: silentLog,
    fresh: false,
  };
}

/** The source on an engine in memory, whose registry has every image for one architecture. */
export function openSource(
  options: Options,
  architecture = "amd64",
): { readonly source: ImageSource; readonly pulled: readonly string[] } {
  const pulled: string[] = [];
  const image: ImageInspection = {
    id: `sha256:${"a".repeat(64)}`,
    os: "linux",
    architecture,
    variant: "",
    labels: {},
    tags: [],
    digests: [],
    sizeBytes: 1,
    taggedAt: null,
  };
  const engine: Partial<ContainerEngine> = {
    identify: async () => ({ kind: "docker", address: "unix:///in-memory" }),
    inspectImage: async (name) => (pulled.includes(name) ? image : undefined),
    pullImage: async ({ reference }) => {
      pulled.push(reference);
      return { digest: undefined };
    },
  };
  const services: Partial<SourceServices> = {
    engine: engine as ContainerEngine,
    platform: parsePlatform("linux/amd64"),
    log: silentLog,
    mask: createMask(),
  };
  return { source: plugin.create(options, services as SourceServices), pulled };
}
