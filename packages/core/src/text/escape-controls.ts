// C0 without tab and newline, DEL, C1, and the bidirectional overrides and isolates.
// eslint-disable-next-line no-control-regex -- matches control characters on purpose
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/;
const controls = new RegExp(control, "g");

/** Makes text from outside safe for a terminal and a log: `ESC` becomes the six characters `\u001b`. */
export function escapeControls(text: string): string {
  // Millions of lines contain none.
  if (!control.test(text)) return text;
  return text
    .replaceAll("\r\n", "\n")
    .replaceAll(controls, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
