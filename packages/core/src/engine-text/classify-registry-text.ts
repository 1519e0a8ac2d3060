import { registryTroubles, type RegistryTrouble, type RegistryTroubleName } from "./registry-troubles.js";
import { unwrapEngineText, type UnwrappedText } from "./unwrap-engine-text.js";

/*
 * Messages of registries, of the network and of image unpacking, as engines quote them. Each one was measured:
 * packages/engine/src/texts/engine-texts.json lists them by engine and version.
 */
const rows: readonly (readonly [RegExp, RegistryTroubleName])[] = [
  // Failures of the engine itself; these come before all others.
  // A daemon that stops closes its gRPC connection to containerd; registries use no gRPC. Measured on 28.5.2:
  // grpc: the client connection is closing: context canceled
  [
    /^grpc: the client connection is closing\b|^error reading from server: EOF\b|^connection error: desc = "transport: /,
    "engineEnds",
  ],
  // Docker: failed to register layer: archive/tar: invalid tar header · failed to register layer: max depth exceeded
  // containerd: failed to extract layer (application/…) to overlayfs as "…": … · mount callback failed on /…: …
  // Podman: unpacking failed (error: exit status 1; output: …) · max depth exceeded · locating item named …
  [
    /^failed to register layer\b|^failed to (?:extract layer|apply layer|unpack image on \S+ \S+: (?!mismatched))\b|^mount callback failed on\b|\bunpacking failed \(error: |^max depth exceeded|^ApplyLayer\b|^archive\/tar: |^(?:Error )?processing tar file\(/,
    "notUnpacked",
  ],
  // manifest for R:nosuchtag not found: manifest unknown · manifest unknown · name unknown · BuildKit: R: not found
  [
    /^manifest for \S+ not found|^manifest unknown\b|^(?:repository )?name (?:not known|unknown)\b|^[^\s"]+: not found$|^repository \S+ not found\b|^manifest \S+ not found\b/i,
    "notFound",
  ],
  // tag invalid: The image tag 'v1' already exists in the 'x' repository and cannot be overwritten because the repository …
  // unknown: Failed to process request due to 'x:v1' configured as immutable. · unknown: tag is immutable and cannot be …
  [
    /\bcannot be overwritten\b|\bconfigured as immutable\b|\bis immutable\b|\bhas enabled tag immutability\b/i,
    "immutableTag",
  ],
  // pull access denied for x, repository does not exist or may require 'docker login': denied: …
  [/^pull access denied|: pull access denied|^push access to the requested resource is denied/, "hidden"],
  // insufficient_scope: authorization failed · no basic auth credentials · authentication required - incorrect username …
  [
    /^unauthorized\b|^no basic auth credentials\b|^authentication required\b|^(?:insufficient_scope: )?authorization failed\b|^incorrect username or password|^invalid username\/password\b|^(?:access token|token) (?:has|is) (?:expired|invalid)/i,
    "unauthorized",
  ],
  // denied: requested access to the resource is denied · requested access to the resource is denied · access forbidden
  [
    /^denied\b|^requested access to the resource is denied|^access (?:forbidden|denied)\b|^forbidden\b/i,
    "forbidden",
  ],
  // toomanyrequests: slow down
  [/^toomanyrequests\b|^too many requests\b/i, "rateLimited"],
  // filesystem layer verification failed for digest sha256:… · image config verification failed for digest sha256:…
  // failed commit on ref "layer-sha256:…": commit failed: unexpected commit digest …, expected … · … failed size validation: 406 != 405
  // Podman: Manifest does not match provided manifest digest · Download config.json digest … does not match expected …
  [
    /\bverification failed for digest\b|^(?:manifest|image) verification failed|^failed commit on ref "[^"]*": .*(?:unexpected commit digest|failed size validation)|^unexpected commit digest\b|\bfailed size validation\b|^manifest does not match provided manifest digest|\bdigest \S+ does not match expected\b|\bdigest mismatch\b|\bdigest did not match, expected\b|^blob size mismatch\b/i,
    "otherContent",
  ],
  // no matching manifest for linux/amd64 in the manifest list entries · BuildKit: no match for platform in manifest …: not found
  // Podman: no image found in image index for architecture "amd64", variant "", OS "linux"
  // image operating system "windows" cannot be used on this platform
  [
    /^no matching manifest for|^(?:[^"]*: )?no match for platform in manifest|^image with reference .* does not (?:match|provide) the specified platform|^no image found in (?:manifest list|image index) for|^image operating system "[^"]*" cannot be used|^operating system is not supported|^unsupported platform\b/,
    "otherPlatform",
  ],
  // could not fetch content descriptor sha256:… (application/vnd.oci.image.layer.v1.tar) from remote: not found
  [
    /^could not fetch content descriptor \S+ \(application\/vnd\.[^)]*(?:index|manifest)\S*\) from remote: not found/,
    "notFound",
  ],
  [
    /^could not fetch content descriptor \S+ \(application\/vnd\.(?:oci\.image|docker)\.[^)]*\) from remote: not found/,
    "incomplete",
  ],
  [/^could not fetch content descriptor \S+ \([^)]*\) from remote: not found/, "unreadable"],
  // content at https://R/v2/o/x/manifests/sha256:… not found: not found
  [/^content at \S+\/manifests\/\S+ not found\b/, "notFound"],
  [/^content at \S+ not found\b/, "incomplete"],
  [/^unknown blob\b|^blob unknown\b/, "incomplete"],
  // invalid character 'n' looking for beginning of object key string · unexpected media type text/html for sha256:…: not found
  // layers from manifest don't match image configuration · wrong diff id calculated on extraction "sha256:…"
  // Podman: layer 0 (blob …) does not match config's DiffID … · unsupported schema version 0 · no FSLayers in manifest
  [
    /^(?:error unmarshalling content: |error decoding \S+: )?invalid character |^unexpected end of JSON input|^unsupported (?:manifest|media|schema|image-specific|docker)|^(?:un)?expected (?:manifest |config )?media ?type|^unexpected (?:manifest|config) media|^mediaType in manifest|^invalid (?:schema1 )?manifest\b|^no FSLayers in manifest|\bschema ?(?:version )?1\b|^media ?type ".*" is no longer supported|^unable to fetch descriptor \(\S+\) which reports content size of zero|^(?:layers|mismatched image rootfs) .*\bmanifest\b|^layers from manifest don't match|^wrong diff id calculated|^number of layers and diffIDs don't match|\bdoes not match config's DiffID\b|^Manifest's schemaVersion\b|^encountered remote .*; unsupported|^invalid mixed OCI image|^json: cannot unmarshal|^failed to decode token response|^no token in response|^authorization server did not include a token|^missing signature key$|^no signatures$|^invalid config for manifest$|^no processor for media-type|^failed to get stream processor for |^unsupported MIME|\bunsupported MIME type|\buses a different top layer\b/i,
    "unreadable",
  ],
  // invalid reference format: repository name must be lowercase · invalid tag format
  [
    /^invalid (?:reference|tag|repository name)\b|^repository name (?:\(\S+\) )?must be lowercase|^(?:normalizing|parsing) (?:reference|image name|named reference)\b.*(?:invalid reference|must be lowercase)/,
    "badReference",
  ],
  // http: server gave HTTP response to HTTPS client
  [/^http: server gave HTTP response to HTTPS client/, "plainHttp"],
  // tls: failed to verify certificate: x509: certificate signed by unknown authority
  [/^(?:tls: failed to verify certificate: )?x509: /, "unknownAuthority"],
  // dial tcp: lookup no.invalid on 10.0.0.1:53: no such host
  [/(?:^|: )(?:lookup \S+ .*: )?no such host$/, "unknownHost"],
  // read tcp …: read: connection reset by peer · EOF · net/http: TLS handshake timeout · … (Client.Timeout exceeded …)
  // short read: expected 1107384 bytes but got 1000: unexpected EOF · expected HTTP 206 from byte range request
  [
    /\bEOF(?:$| \()|connection reset by peer$|broken pipe$|TLS handshake timeout$|i\/o timeout$|connection timed out$|server closed idle connection$|Client\.Timeout\b|context deadline exceeded\b|request canceled while waiting for connection|^expected HTTP 206 from byte range request|^short read: |^failed to read expected number of bytes|^http2: |^stream error: |server misbehaving$|Temporary failure in name resolution$|timeout awaiting response headers$|^received unexpected EOF/,
    "interrupted",
  ],
  // dial tcp 127.0.0.1:1: connect: connection refused · Podman 5: connection refused
  [/^(?:(?:dial|proxyconnect) tcp\b.*: )?connection refused$/, "refused"],
  [
    /^dial (?:tcp|unix)\b|^(?:net\/)?https?: |^read tcp|^write tcp|^tls: |^remote error: tls: |^malformed HTTP|^proxyconnect tcp/,
    "unreachable",
  ],
];

/** A 404 without JSON in Docker 26 and newer. Measured: `unknown: 404 page not found`, `unknown: <html>…`, `unknown:`. */
const nothingThere = /^unknown:(?:$| 404\b|\s*<[^]*<title>404\b)/;

/** The status of a response, as engines write it. */
const statusTexts = [
  // error parsing HTTP 404 response body: invalid character '<' … · Podman: StatusCode: 403, "<html>…
  // Podman: invalid status code from registry 502 (Bad Gateway)
  /^(?:error parsing HTTP |StatusCode: |invalid status code from registry )(\d{3})\b/,
  // received unexpected HTTP status: 503 Service Unavailable · unexpected status from HEAD request to http://…: 403 Forbidden
  // unexpected status code [manifests latest]: 429 Too Many Requests · pulling from host R failed with status code […]: 403 Forbidden
  /^(?:(?:received )?unexpected (?:HTTP )?status|pulling from host \S+ failed with status code)\b.*?: (\d{3})(?= [A-Z]|$)/,
];

/**
 * Where a text comes from. `transfer`: a pull or a push, whose text quotes nothing of a template. `fetching`: a build step
 * that fetches an image. `building`: any build step.
 */
export type RegistryTextOrigin = "transfer" | "fetching" | "building";

/** The prefixes for a failed command of a build, which quote the command. */
const commandPrefix =
  /^(?:The command '|executor failed running \[|process "|(?:error )?building at STEP "|while running runtime)/;

/** Classifies an engine's text about a registry failure; returns undefined for any other text. */
export function classifyRegistryText(text: string, origin: RegistryTextOrigin): RegistryTrouble | undefined {
  const unwrapped = unwrapEngineText(text);
  // The output of a command must not be mistaken for a registry's message.
  if (origin !== "transfer" && commandPrefix.test(unwrapped.response)) return undefined;
  const isTransfer = origin === "transfer" || unwrapped.isTransfer;
  if (origin === "building" && !isTransfer && !isOfStore(unwrapped.response)) return undefined;
  const name =
    ofResponse(unwrapped) ??
    (isTransfer ? ofInnermost(unwrapped) : undefined) ??
    // Measured on 28.5.2: `error from registry: slow down` for 429, `error from registry: unknown` for 500.
    (unwrapped.isOfRegistry ? "interrupted" : undefined) ??
    (unwrapped.isRegistryTalk ? "unreachable" : undefined);
  return name === undefined ? undefined : registryTroubles[name];
}

/** BuildKit fetches the layers of a base when a later step needs them; nothing else is put into its store. */
function isOfStore(response: string): boolean {
  return /^failed commit on ref "(?:manifest|index|config|layer)-sha256:|^short read: expected \d+ bytes|^failed to get stream processor for |^failed to register layer: |^mount callback failed on \S+: /.test(
    response,
  );
}

/** Engines add prefixes with every version, but the cause always comes last. */
function ofInnermost(unwrapped: UnwrappedText): RegistryTroubleName | undefined {
  const parts = unwrapped.response.split(": ");
  for (let from = 1; from < parts.length; from++) {
    const inner = ofResponse({ ...unwrapped, response: parts.slice(from).join(": ") });
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function ofResponse({ response, isToken, isBlob, whole }: UnwrappedText): RegistryTroubleName | undefined {
  if (nothingThere.test(whole.trim())) return "notFound";
  const status = statusTexts
    .map((pattern) => pattern.exec(response)?.[1])
    .find((number) => number !== undefined);
  // A token issued for a password that has expired (RFC 6749).
  if (status !== undefined)
    return response.includes("invalid_grant") ? "unauthorized" : ofStatus(Number(status), isToken, isBlob);
  return rows.find(([pattern]) => pattern.test(response))?.[1];
}

function ofStatus(status: number, isToken: boolean, isBlob: boolean): RegistryTroubleName {
  if (status === 401) return "unauthorized";
  if (status === 403) return "forbidden";
  if (status === 400 && isToken) return "unauthorized";
  if (status === 404) return isToken ? "unreachable" : isBlob ? "incomplete" : "notFound";
  if (status === 429) return "rateLimited";
  return status >= 500 ? "interrupted" : "unreachable";
}
