/**
 * The forms that a secret can have in a text: verbatim, URL-encoded, or in base64 at each of the three alignments.
 * Implemented independently of the mask, because it tests the mask.
 */
function formsOf(secret: string): readonly string[] {
  const percent = encodeURIComponent(secret);
  const everyByte = Array.from(Buffer.from(secret), (byte) => `%${byte.toString(16).padStart(2, "0")}`).join(
    "",
  );
  const base64 = ["", "-", "--"].flatMap((lead) => {
    // Digits that also encode bits of a neighbour are omitted.
    const whole = Buffer.from(lead + secret).toString("base64");
    const core = whole.slice(lead === "" ? 0 : 4, Math.floor(((lead.length + secret.length) * 8) / 6));
    return [core, core.replaceAll("+", "-").replaceAll("/", "_")];
  });
  const encoded = [percent, percent.toLowerCase(), everyByte, everyByte.toUpperCase()];
  return [...new Set([secret, ...encoded, ...base64])];
}

/** Returns the forms of the secrets that occur in a text, or in bytes. */
export function tracesOf(secrets: readonly string[], text: string | Buffer): readonly string[] {
  const all = Buffer.isBuffer(text) ? text : Buffer.from(text);
  return secrets.flatMap(formsOf).filter((form) => all.includes(form));
}
