/** Replaces the parts that differ between runs or machines with fixed ones. */
export function normalText(text, name, { directory }) {
  const digests = new Map();
  const digest = (found) => {
    if (!digests.has(found)) digests.set(found, String(digests.size + 1).repeat(64));
    return digests.get(found);
  };
  return text
    .trimEnd()
    .replaceAll(name, "name")
    .replaceAll(directory ?? "\0", "/var/lib/engine")
    .replace(/\b[0-9a-f]{64}\b/g, digest)
    .replace(/\b(?:\d{1,3}\.){3}\d{1,3}:(\d+)/g, (_all, port) =>
      port === "1" ? "127.0.0.1:1" : "127.0.0.1:5000",
    )
    .replace(/\b(?!127\.0\.0\.1)(?:\d{1,3}\.){3}\d{1,3}\b/g, "192.0.2.1")
    .replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z?/g, "2026-01-01T00:00:00Z")
    .replace(/GetImageBlob\d+/g, "GetImageBlob1")
    .replace(/(container_images_storage|storage|buildah|podman)\d{5,}/g, "$11")
    .replace(/(?:\b[0-9.]+(?:s|ms|µs)\b)(?= )/g, "1s");
}
