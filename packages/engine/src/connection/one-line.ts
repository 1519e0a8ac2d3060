import { escapeControls } from "@molecule/core";

const maxLength = 500;

/** Text from outside as part of a message: one line, escaped, bounded; of a page of HTML its title. */
export function oneLine(text: string): string {
  const line = escapeControls(withoutMarkup(text.slice(0, 4 * maxLength)))
    .trim()
    .replaceAll(/\s*\n\s*/g, " / ");
  return line.length > maxLength ? `${line.slice(0, maxLength)}…` : line;
}

/** Proxies return pages, and engines quote them or the JSON parser's complaint about them. */
function withoutMarkup(text: string): string {
  const at = text.search(/"?\s*<(?:!doctype|html|head|body)\b/i);
  if (at === -1) return text;
  const [, title = ""] = /<title>\s*([^<]*)/i.exec(text) ?? [];
  const before = text
    .slice(0, at)
    .replace(/invalid character '<' looking for beginning of value/, "")
    .replace(/[\s:,]+$/, "");
  const page = `a page of HTML${title === "" ? "" : `, ${JSON.stringify(title.trim())}`}`;
  return before === "" ? page : `${before}: ${page}`;
}
