import { expandWord } from "./expand-word.js";
import { globalVariables } from "./global-variables.js";
import { readDirectives } from "./read-directives.js";
import { readInstructions, splitInstruction, type Instruction, type Reading } from "./read-instructions.js";
import { usualReading } from "./usual-reading.js";

/** An image that building a Dockerfile asks for. */
export interface ImageUse {
  /** Counted from 1; undefined when it does not stand in the file. */
  readonly line: number | undefined;
  /** What asks for it: `FROM`, `COPY --from`. */
  readonly by: string;
  /** As it stands there. */
  readonly written: string;
  /** With variables replaced; undefined when it is not known before the build. */
  readonly image: string | undefined;
}

const known = new Set(
  "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR".split(
    " ",
  ),
);

/**
 * Every image that a builder may ask for when it builds this Dockerfile with these build arguments, whichever stage
 * is the target. Builders read a few things differently: each reading counts in which the file is a Dockerfile at
 * all, so that none can be led past the list (docs/adr/0015).
 */
export function dockerfileImages(text: string, buildArgs: Readonly<Record<string, string>>): ImageUse[] {
  const { syntaxes } = readDirectives(text);
  const uses: ImageUse[] = syntaxes.map(({ line, image }) => ({
    line,
    by: "# syntax",
    written: image,
    image,
  }));
  uses.push(...overridingSyntax(buildArgs), ...unclearPlaces(text));
  const [usual, ...others] = readings(text);
  uses.push(...imagesOf(readInstructions(text, usual), usual, buildArgs));
  for (const reading of others) {
    const instructions = readInstructions(text, reading);
    if (instructions.every(({ name }) => known.has(name)))
      uses.push(...imagesOf(instructions, reading, buildArgs));
  }
  return [...new Map(uses.map((use) => [JSON.stringify(use), use])).values()];
}

/** A build argument that selects the Dockerfile frontend in newer BuildKits. */
function overridingSyntax(buildArgs: Readonly<Record<string, string>>): ImageUse[] {
  const [name, written] =
    Object.entries(buildArgs).find(([argument]) => argument === "BUILDKIT_SYNTAX") ?? [];
  if (name === undefined || written === undefined || written === "") return [];
  return [
    {
      line: undefined,
      by: `the build argument ${name}`,
      written,
      image: written.trim().split(/\s/, 1)[0] ?? "",
    },
  ];
}

function unclearPlaces(text: string): ImageUse[] {
  const unclear = (line: number, by: string): ImageUse => ({ line, by, written: "", image: undefined });
  // A BuildKit may take a file that is a JSON object with the member `syntax` for one of another language.
  const json = text.trimStart().startsWith("{") ? [unclear(1, "a JSON object")] : [];
  // It ends a line for some and not for others.
  const returned = /\r(?!\n|$)/.exec(text);
  if (returned === null) return json;
  return [...json, unclear(text.slice(0, returned.index).split("\n").length, "a lone carriage return")];
}

function readings(text: string): [Reading, ...Reading[]] {
  const usual = usualReading(text);
  const escapes = text.split("\n").some((line) => /^\s*#\s*escape\s*=\s*`/i.test(line))
    ? ["\\", "`"]
    : ["\\"];
  const others = escapes.flatMap((other) =>
    [true, false].flatMap((heredocs) =>
      [true, false].map((continuesDoubled) => ({ escape: other, heredocs, continuesDoubled })),
    ),
  );
  return [usual, ...others];
}

function imagesOf(
  instructions: readonly Instruction[],
  { escape }: Reading,
  buildArgs: Readonly<Record<string, string>>,
): ImageUse[] {
  const uses: ImageUse[] = [];
  const variables = globalVariables(instructions, escape, buildArgs);
  const earlier = new Set<string>();
  let current: string | undefined;
  for (const instruction of instructions) {
    const { line, name, rest, isUnclear } = instruction;
    if (isUnclear) uses.push({ line, by: name, written: rest.trim(), image: undefined });
    if (name === "FROM") {
      if (current !== undefined) earlier.add(current);
      const from = readFrom(rest);
      current = from.stage;
      const image = from.isUnclear ? undefined : expandWord(from.image, variables, escape);
      if (image === undefined || !earlier.has(image.toLowerCase()))
        uses.push({ line, by: name, written: from.image, image });
      continue;
    }
    for (const { by, image } of furtherImages(instruction)) {
      if (/^\d+$/.test(image) || earlier.has(image.toLowerCase())) continue;
      // No builder replaces variables there, or it warns first.
      uses.push({ line, by, written: image, image: image.includes("$") ? undefined : image });
    }
  }
  return uses.filter(({ image }) => image !== "scratch");
}

function readFrom(rest: string): { image: string; stage: string | undefined; isUnclear: boolean } {
  const words = rest.split(/\p{White_Space}+/u).filter((word) => word !== "");
  const start = words.findIndex((word) => !word.startsWith("--"));
  const [image = "", as = "", stage] = start === -1 ? [] : words.slice(start);
  return {
    image,
    stage: as.toUpperCase() === "AS" ? stage?.toLowerCase() : undefined,
    // A quoted or escaped blank would belong to the flag.
    isUnclear: words.slice(0, Math.max(start, 0)).some((flag) => /["'\\`]/.test(flag)),
  };
}

/** What `COPY --from=` and `RUN --mount=…,from=` name, with `ONBUILD` before them as well. */
function furtherImages({ name, rest }: Pick<Instruction, "name" | "rest">): { by: string; image: string }[] {
  if (name === "ONBUILD") return furtherImages(splitInstruction(rest));
  if (!["COPY", "ADD", "RUN"].includes(name)) return [];
  // Wherever the words stand, and however they are quoted: no flag can hide.
  const words = rest.replaceAll(/["'\\`]/g, "").split(/\p{White_Space}+/u);
  const flag = name === "RUN" ? "--mount=" : "--from=";
  return words
    .filter((word) => word.startsWith(flag))
    .map((word) => word.slice(flag.length))
    .flatMap((value) => (name === "RUN" ? value.split(",").flatMap(fromField) : [value]))
    .map((image) => ({ by: `${name} ${flag.slice(0, -1)}`, image }));
}

function fromField(field: string): string[] {
  const [, image] = /^\s*from\s*=\s*(.*)$/is.exec(field) ?? [];
  return image === undefined ? [] : [image];
}
