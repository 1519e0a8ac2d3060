/** What `--help` shows of each command: what is typed after its name, and what that does. */
type Examples = readonly (readonly [args: string, does: string])[];

const examplesByCommand: Readonly<Record<string, Examples>> = {
  ensure: [
    ["hermes", "makes the image ready and prints its reference"],
    ["hermes codex --json", "the same for two at once, with every fact of the images"],
    ["hermes --platform linux/arm64", "for another platform"],
  ],
  plan: [["hermes", "which image, whether it is there, and if not, why"]],
  refresh: [["hermes", "pulls it again, or builds it again without cache"]],
  run: [
    ["hermes --rm -- /bin/echo hi", "runs a command in a container that is removed afterwards"],
    ["hermes --name agent --env API_KEY --detach", "leaves it running, with a variable from here"],
  ],
  list: [["", "every image made or pulled here"]],
  prune: [["--dry-run", "what would be removed"]],
  watch: [
    ["hermes codex", "builds each new commit before somebody asks for it"],
    ["hermes --every 1m --json", "looks every minute; prints one line of JSON for each image"],
  ],
  doctor: [
    ["", "checks the setup and suggests fixes"],
    ["hermes", "also looks up the template or image of this runtime"],
  ],
  config: [["", "each value that counts, and where it came from"]],
  sources: [["", "which source is selected, and because of what"]],
  trust: [
    ["", "accepts the project file that is found from here"],
    ["./.moleculerc", "accepts this one"],
  ],
  completion: [
    ["bash >> ~/.bashrc", "completes in bash from the next shell on"],
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
      which image that would be, and what had to be done
  $ molecule-image run hermes --rm
      makes the image ready and runs a container from it

Each command has its own: molecule-image ensure --help
`;
