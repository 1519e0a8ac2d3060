/** Masks secrets in texts. Applied before every output. */
export interface Mask {
  /** Masks this secret from now on. Adding it twice, or an empty text, does nothing. */
  add(secret: string): void;
  /** Returns the text with every secret, in every known encoding, as `***`. */
  text(text: string): string;
  /** Returns how many characters at the end may be the start of a secret that continues in the next text. */
  begun(text: string): number;
}

const hidden = "***";
/** Shorter secrets would match inside other words by chance: they are masked only as a whole value. */
const minInnerLength = 8;
/** A shorter end of a text matches the start of a secret by chance. */
const minBegunLength = 4;

/** Returns what Base64 makes of the secret at each of the three alignments. */
function base64Forms(secret: string): string[] {
  return [0, 1, 2].flatMap((lead) => {
    const bytes = Buffer.concat([Buffer.alloc(lead), Buffer.from(secret)]);
    // The first and last digits also encode bits of the surrounding text, which is unknown.
    const from = Math.ceil((lead * 8) / 6);
    const to = Math.floor((bytes.length * 8) / 6);
    const core = bytes.toString("base64").slice(from, to);
    return [core, core.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

const percentEncoded = (character: string): string =>
  Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).padStart(2, "0")}`)
    .join("")
    .replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);

/** Returns the usual encodings of the secret, which are recognised even if a text ends inside one. */
function usualForms(secret: string): string[] {
  const encoded = new URLSearchParams([["", secret]]).toString().slice(1).replaceAll("+", "%20");
  return [...new Set([secret, encoded, ...base64Forms(secret)])];
}

function overlap(text: string, form: string): number {
  const head = form.slice(0, minBegunLength);
  let at = text.indexOf(head, Math.max(0, text.length - form.length + 1));
  while (at !== -1 && !form.startsWith(text.slice(at))) at = text.indexOf(head, at + 1);
  return at === -1 ? 0 : text.length - at;
}

/** Returns a pattern in which each special character may be encoded or not, because encoders differ. */
function anySpelling(secret: string): string {
  return Array.from(secret, (character) => {
    if (/[A-Za-z0-9]/.test(character)) return character;
    const inJson = JSON.stringify(character).slice(1, -1);
    const inForm = character === " " ? ["\\+"] : [];
    return `(?:${[literal(character), literal(inJson), percentEncoded(character), ...inForm].join("|")})`;
  }).join("");
}

/** Returns a mask for these secrets; more can be added later. */
export function createMask(secrets: Iterable<string> = []): Mask {
  const whole = new Set<string>();
  const patterns: RegExp[] = [];
  const forms: string[] = [];
  const mask: Mask = {
    add(secret) {
      if (secret === "" || whole.has(secret)) return;
      whole.add(secret);
      if (secret.length < minInnerLength) return;
      forms.push(...usualForms(secret));
      patterns.push(new RegExp([anySpelling(secret), ...base64Forms(secret).map(literal)].join("|"), "g"));
    },
    text(text) {
      if (whole.has(text)) return hidden;
      // Avoids allocations for each line of a long output.
      if (patterns.every((pattern) => text.search(pattern) === -1)) return text;
      // Finds all matches before replacing any: the rest of an overlapping secret would no longer match.
      const places = patterns.flatMap((pattern) =>
        Array.from(text.matchAll(pattern), (match) => ({
          from: match.index,
          to: match.index + match[0].length,
        })),
      );
      let shown = "";
      let end = 0;
      for (const { from, to } of places.sort((left, right) => left.from - right.from)) {
        if (from >= end) shown += text.slice(end, from) + hidden;
        end = Math.max(end, to);
      }
      return shown + text.slice(end);
    },
    begun: (text) => forms.reduce((longest, form) => Math.max(longest, overlap(text, form)), 0),
  };
  for (const secret of secrets) mask.add(secret);
  return mask;
}
