import { readDirectives } from "./read-directives.js";

const dockers = /^(?:docker\.io\/)?docker\/dockerfile(?:-upstream)?(?:[:@]|$)/;

/** Whether a frontend other than Docker's may read the file, as another language. */
export function hasOwnFrontend(text: string, buildArgs: Readonly<Record<string, string>>): boolean {
  const argument = Object.hasOwn(buildArgs, "BUILDKIT_SYNTAX") ? (buildArgs["BUILDKIT_SYNTAX"] ?? "") : "";
  const frontends = [argument, ...readDirectives(text).syntaxes.map(({ image }) => image)];
  // BuildKit also reads the directive from a JSON object.
  return text.trimStart().startsWith("{") || frontends.some((image) => image !== "" && !dockers.test(image));
}
