/** What `--help` shows of each command: what is typed after its name, and what that does. */
type Examples = readonly (readonly [args: string, does: string])[];

const examplesByCommand: Readonly<Record<string, Examples>> = {
  ensure: [
    ["hermes", "pulls or builds the image and prints its reference"],
    ["hermes codex --json", "two images, with every detail as JSON"],
    ["hermes --platform linux/arm64", "for another platform"],
  ],
  plan: [["hermes", "which image would be used, and whether it exists"]],
  refresh: [["hermes", "pulls it again, or rebuilds it without cache"]],
  run: [
    ["hermes --rm -- /bin/echo hi", "runs a command in a container that is removed afterwards"],
    ["hermes --name agent --env API_KEY --detach", "runs in the background, with a variable passed on"],
  ],
  list: [["", "every image built or pulled here"]],
  prune: [["--dry-run", "what would be removed"]],
  watch: [
    ["hermes codex", "builds each new commit in advance"],
    ["hermes --every 1m --json", "polls every minute; prints one JSON line per image"],
  ],
  doctor: [
    ["", "checks the setup and suggests fixes"],
    ["hermes", "also looks up the template or image of this runtime"],
  ],
  config: [["", "every value in effect, and its origin"]],
  sources: [["", "which source is selected, and why"]],
  trust: [
    ["", "trusts the project file found from here"],
    ["./.moleculerc", "trusts this file"],
  ],
  completion: [
    ["bash >> ~/.bashrc", "enables completion in new bash shells"],
    ['zsh > "${fpath[1]}/_molecule-image"', "in zsh"],
    ["fish > ~/.config/fish/completions/molecule-image.fish", "in fish"],
  ],
};

/** The end of the help of a command. */
export function examplesOf(command: string): string {
  const examples = examplesByCommand[command] ?? [];
  const lines = examples.map(
    ([args, does]) => `  $ ${["molecule-image", command, args].join(" ").trimEnd()}\n      ${does}\n`,
  );
  return lines.length === 0 ? "" : `\nExamples:\n${lines.join("")}`;
}

/** The end of the help of the program. */
export const firstSteps = `
Examples:
  $ molecule-image plan hermes
      shows which image would be used and what has to be done
  $ molecule-image run hermes --rm
      pulls or builds the image and runs a container

For the examples of a command: molecule-image ensure --help
`;
