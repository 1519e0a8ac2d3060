import { escapeControls } from "./escape-controls.js";

const maxLength = 500;

/**
 * Converts external text to a part of a message: one line, escaped and truncated; an HTML page is reduced to its title.
 */
export function oneLine(text: string): string {
  const line = escapeControls(withoutMarkup(text.slice(0, 4 * maxLength)))
    .trim()
    .replaceAll(/\s*\n\s*/g, " / ");
  return line.length > maxLength ? `${line.slice(0, maxLength)}…` : line;
}

/** Proxies return HTML pages, and engines quote them, or the JSON parser's error about them. */
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
