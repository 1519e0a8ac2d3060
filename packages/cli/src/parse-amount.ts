import { usage } from "./usage.js";

const units = { "": 0, k: 1, m: 2, g: 3, t: 4 } as const;

/** A whole number from 0 on. Throws `USAGE`. */
export function parseCount(option: string, written: string): number {
  const count = /^\d+$/.test(written) ? Number(written) : Number.NaN;
  if (Number.isSafeInteger(count)) return count;
  throw usage(`${option} is ${JSON.stringify(written)}, not a whole number from 0 on`);
}

/** `500000000`, `500M`, `500MB`, `1.5GiB`: units of 1000, with an `i` of 1024. Answers bytes, whole; throws `USAGE`. */
export function parseBytes(option: string, written: string): number {
  const [, amount, unit = "", binary] = /^(\d+(?:\.\d+)?) ?([kmgt]?)(i?)b?$/i.exec(written) ?? [];
  const base = binary === "" ? 1000 : 1024;
  const bytes = Math.floor(Number(amount) * base ** units[unit.toLowerCase() as keyof typeof units]);
  const isUnit = unit !== "" || binary === "";
  if (isUnit && Number.isSafeInteger(bytes)) return bytes;
  throw usage(`${option} is ${JSON.stringify(written)}, not a number of bytes, as 500000000, 500MB or 2GiB`);
}
