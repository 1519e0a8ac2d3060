/** Copies the signature of an image, which states its repository, to another repository of the same registry. */
export async function copySignature(from: string, to: string, digest: string): Promise<void> {
  const urlOf = (reference: string): string => reference.replace("/", "/v2/").replace(/^/, "http://");
  const name = `manifests/${digest.replace(":", "-")}.sig`;
  const send = async (url: string, init?: RequestInit): Promise<string> => {
    const response = await fetch(url, init);
    if (!response.ok) throw new Error(`${url}: ${String(response.status)} ${await response.text()}`);
    return response.text();
  };
  const accept = "application/vnd.oci.image.manifest.v1+json";
  const manifest = await send(`${urlOf(from)}/${name}`, { headers: { accept } });
  const source = from.slice(from.indexOf("/") + 1);
  for (const blob of new Set(manifest.match(/sha256:[0-9a-f]{64}/g)))
    await send(`${urlOf(to)}/blobs/uploads/?mount=${blob}&from=${source}`, { method: "POST" });
  await send(`${urlOf(to)}/${name}`, { method: "PUT", headers: { "content-type": accept }, body: manifest });
}
