import { expandWord } from "./expand-word.js";
import { globalVariables } from "./global-variables.js";
import { readDirectives } from "./read-directives.js";
import {
  readInstructions,
  splitInstruction,
  type Instruction,
  type ParsingRules,
} from "./read-instructions.js";
import { currentParsingRules } from "./current-parsing-rules.js";

/** An image that building a Dockerfile requests. */
export interface ImageUse {
  /** Line number, counted from 1; undefined if the image is not named in the file. */
  readonly line: number | undefined;
  /** The instruction that requests it: `FROM`, `COPY --from`. */
  readonly by: string;
  /** The name as written in the file. */
  readonly written: string;
  /** The name with variables replaced; undefined if it is not known before the build. */
  readonly image: string | undefined;
}

const known = new Set(
  "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR".split(
    " ",
  ),
);

/**
 * Returns every image that a builder may request when it builds this Dockerfile with these build arguments, for any
 * target stage. Builders parse a few things differently. Every parse that yields a valid Dockerfile counts,
 * so that a template cannot trick any builder past the allowlist (docs/adr/0015).
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
  const [usual, ...others] = possibleRules(text);
  uses.push(...imagesOf(readInstructions(text, usual), usual, buildArgs));
  for (const rules of others) {
    const instructions = readInstructions(text, rules);
    if (instructions.every(({ name }) => known.has(name)))
      uses.push(...imagesOf(instructions, rules, buildArgs));
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
  // Some versions of BuildKit treat a JSON object with the member `syntax` as a file in another language.
  const json = text.trimStart().startsWith("{") ? [unclear(1, "a JSON object")] : [];
  // A lone carriage return ends a line for some builders and not for others.
  const returned = /\r(?!\n|$)/.exec(text);
  if (returned === null) return json;
  return [...json, unclear(text.slice(0, returned.index).split("\n").length, "a lone carriage return")];
}

function possibleRules(text: string): [ParsingRules, ...ParsingRules[]] {
  const usual = currentParsingRules(text);
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
  { escape }: ParsingRules,
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
      // Builders do not replace variables here, or warn before they do.
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

/** Returns the images that `COPY --from=` and `RUN --mount=…,from=` name, also after `ONBUILD`. */
function furtherImages({ name, rest }: Pick<Instruction, "name" | "rest">): { by: string; image: string }[] {
  if (name === "ONBUILD") return furtherImages(splitInstruction(rest));
  if (!["COPY", "ADD", "RUN"].includes(name)) return [];
  // Considers every word, at any position and however quoted, so that no flag can hide.
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
