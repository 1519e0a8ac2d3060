import { isAlias, type ListedImage } from "../host/list-images.js";
import { megabytes } from "../options/megabytes.js";

const header = ["IMAGE", "REVISION", "PLATFORM", "SIZE", "AGE"];

/** Returns the lines of `list`: one per image, for a terminal aligned below a header. */
export function showImages(
  images: readonly ListedImage[],
  { now, isForTerminal }: { readonly now: number; readonly isForTerminal: boolean },
): string[] {
  const rows = images.map((image) => cells(image, now));
  if (!isForTerminal) return rows.map((row) => row.join("  "));
  if (rows.length === 0) return ["no images of workspace runtimes on this engine"];
  const table = [header, ...rows];
  const widths = header.map((_name, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function cells(image: ListedImage, now: number): string[] {
  const { reference, imageId, tags } = image;
  // The alias names the same image as the reference.
  const others = tags.filter((tag) => tag !== reference && !isAlias(tag));
  return [
    [reference ?? imageId, ...others].join(" "),
    image.revision?.slice(0, 12) ?? "-",
    image.platform,
    megabytes(image.sizeBytes),
    age(image.createdAt, now),
  ];
}

/** Returns an age such as `3 h`, in whole units. */
function age(since: string, now: number): string {
  const minutes = Math.floor((now - Date.parse(since)) / 60_000);
  // Ignores a small clock difference.
  if (minutes < -1) return "in the future";
  if (minutes < 120) return `${String(Math.max(0, minutes))} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${String(hours)} h` : `${String(Math.floor(hours / 24))} d`;
}
