import { usage } from "./usage.js";

const units = { "": 0, k: 1, m: 2, g: 3, t: 4 } as const;

/** Parses a non-negative whole number. Throws `USAGE`. */
export function parseCount(option: string, written: string): number {
  const count = /^\d+$/.test(written) ? Number(written) : Number.NaN;
  if (Number.isSafeInteger(count)) return count;
  throw usage(
    `${option} is ${JSON.stringify(written)}, not a whole number`,
    `Write a whole number, such as ${option} 3.`,
  );
}

/** Parses `500MB`, `1.5GiB` or `20B` (units of 1000, or of 1024 with an `i`) into whole bytes. Throws `USAGE`. */
export function parseBytes(option: string, written: string): number {
  const [, amount, unit = "", binary] = /^(\d+(?:\.\d+)?) ?(?:([kmgt])(i?)b?|b)$/i.exec(written) ?? [];
  const base = binary?.toLowerCase() === "i" ? 1024 : 1000;
  const bytes = Math.floor(Number(amount) * base ** units[unit.toLowerCase() as keyof typeof units]);
  if (Number.isSafeInteger(bytes)) return bytes;
  const isBare = /^\d+(?:\.\d+)?$/.test(written);
  throw usage(
    `${option} is ${JSON.stringify(written)}, ${isBare ? "which has no unit" : "not a size"}`,
    "Write a number and a unit, such as 500MB or 20GiB.",
  );
}
