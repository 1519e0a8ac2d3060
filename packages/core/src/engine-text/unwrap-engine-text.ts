/** An engine's error text without prefixes, and what the prefixes reveal. */
export interface UnwrappedText {
  /** The text without the engine's prefixes. */
  readonly response: string;
  /** The text comes from a pull or push, so that it quotes nothing of a template. */
  readonly isTransfer: boolean;
  /** A registry was contacted. */
  readonly isRegistryTalk: boolean;
  /** A token server was contacted. */
  readonly isToken: boolean;
  /** A blob was requested after the registry had served its manifest. */
  readonly isBlob: boolean;
  /** The error is the registry's own text, without its code. */
  readonly isOfRegistry: boolean;
  /** The whole text. */
  readonly whole: string;
}

type Place = "any" | "step" | "transfer" | "token" | "blob" | "registry";

/*
 * Engines prefix an error with the operations that failed, outermost first. The prefixes marked `any` also precede
 * errors about files and commands, and those marked `step` errors about the builder's storage.
 * packages/engine/src/texts/engine-texts.json has the measured texts of each engine.
 */
const wrappings: readonly (readonly [RegExp, Place])[] = [
  [/^Error: /, "any"],
  [/^Error response from daemon: /, "any"],
  [/^rpc error: code = \S+ desc = /, "any"],
  [/^failed to solve(?: with frontend \S+)?: /, "any"],
  [/^failed to (?:load|compute) cache key: /, "any"],
  [/^failed to create LLB definition: /, "any"],
  // Docker and BuildKit
  [/^(?:\S+: )?failed to resolve source metadata for \S+: /, "transfer"],
  [/^(?:unknown: )?failed to resolve reference "[^"]*": /, "transfer"],
  [/^error from registry: /, "registry"],
  [/^error pulling image configuration: /, "blob"],
  [/^download failed after attempts=\d+: /, "transfer"],
  [/^failed to authorize: /, "transfer"],
  [/^failed to fetch (?:oauth|anonymous) token: /, "token"],
  [/^(?:unknown: )?failed to copy: /, "transfer"],
  [/^httpReadSeeker: failed open: /, "transfer"],
  [/^failed to do request: /, "transfer"],
  [/^failed to check image \S+: /, "transfer"],
  [/^(?:children|manifest): invalid desc \S+: /, "transfer"],
  [/^(?:failed to parse|unmarshal) image config: /, "blob"],
  [/^invalid from flag value \S+: /, "any"],
  // Podman and buildah
  [/^creating build container: /, "step"],
  [/^unable to copy from source \S+: /, "transfer"],
  [/^initializing (?:image from )?source \S+: /, "transfer"],
  [/^copying system image from manifest list: /, "transfer"],
  [/^(?:choosing an image from manifest list|determining manifest MIME type for) \S+: /, "transfer"],
  [/^reading manifest \S+ in \S+: /, "transfer"],
  [/^(?:trying to reuse blob \S+ at destination|checking whether a blob \S+ exists in \S+): /, "transfer"],
  [/^pinging container registry \S+: /, "transfer"],
  [/^unable to retrieve auth token: /, "transfer"],
  [/^invalid username\/password: /, "transfer"],
  [/^(?:[Rr]equesting bearer token|Trying to obtain access token): /, "token"],
  [/^parsing image configuration: /, "blob"],
  [/^reading blob \S+: /, "blob"],
  [/^(?:Error )?fetching blob: /, "blob"],
  [/^writing (?:blob|manifest): /, "transfer"],
  [
    /^(?:initiating layer upload to|uploading (?:manifest|layer chunked|layer to)) [^:]*(?::\d+[^:]*)*: /,
    "transfer",
  ],
];

/** The failed request, which Docker puts before the response. */
const request = /^(?:Get|Head|Post|Put|Patch) "[^"]*": /;

/** Strips the engine's prefixes from the message of a registry or of the network. */
export function unwrapEngineText(text: string): UnwrappedText {
  // Podman appends the output of a build, and puts each error of a registry on its own line.
  const [line = ""] = text
    .trim()
    .replace(/\berrors:\n/, "")
    .split("\n", 1);
  const places = new Set<Place>();
  let response = line;
  for (let found = wrappingOf(response); found !== undefined; found = wrappingOf(response)) {
    places.add(found.place);
    response = response.slice(found.length);
  }
  const requestPrefix = request.exec(response)?.[0] ?? "";
  return {
    response: response.slice(requestPrefix.length),
    isTransfer: requestPrefix !== "" || [...places].some((place) => place !== "any"),
    isRegistryTalk: requestPrefix !== "" || [...places].some((place) => place !== "any" && place !== "step"),
    isToken: places.has("token"),
    isBlob: places.has("blob"),
    isOfRegistry: places.has("registry"),
    whole: text,
  };
}

/** Returns the text without leading prefixes that only name the engine's own operations, such as `failed to solve: `. */
export function withoutOperations(text: string): string {
  const found = wrappingOf(text);
  return found?.place === "any" ? withoutOperations(text.slice(found.length)) : text;
}

function wrappingOf(text: string): { readonly place: Place; readonly length: number } | undefined {
  for (const [pattern, place] of wrappings) {
    const [whole = ""] = pattern.exec(text) ?? [];
    if (whole !== "") return { place, length: whole.length };
  }
  return undefined;
}
