/** Examples for a command's `--help`: the arguments, and what the command does with them. */
type Examples = readonly (readonly [args: string, does: string])[];

const examplesByCommand: Readonly<Record<string, Examples>> = {
  ensure: [
    ["hermes", "pulls or builds the image and prints its reference"],
    ["hermes codex --json", "does the same for two runtimes and prints all details as JSON"],
    ["hermes --platform linux/arm64", "pulls or builds the image for another platform"],
    ["hermes --platform native", "pulls or builds it for the engine's own platform"],
    ["hermes --trace ensure.json", "also writes a timeline, to open at https://ui.perfetto.dev"],
  ],
  plan: [["hermes", "shows which image would be used, and whether it must be pulled or built"]],
  refresh: [["hermes", "pulls the image again, or rebuilds it without the build cache"]],
  run: [
    ["hermes --rm --template hermes=.", "builds the current directory and runs it"],
    ["hermes --rm -it -- sh", "opens a shell in a container"],
    ["hermes --rm -- /bin/echo hi", "runs a command and removes the container when it exits"],
    [
      "hermes --name agent --env API_KEY --detach",
      "runs in the background, with API_KEY from your environment",
    ],
  ],
  list: [["", "lists the images of workspace runtimes on this engine"]],
  prune: [
    ["--dry-run", "shows what would be removed"],
    ["--keep 1 --max-bytes 20GB", "keeps the newest image of each runtime, and at most 20 GB in total"],
  ],
  watch: [
    ["hermes codex", "builds each new commit in advance"],
    ["hermes --every 1m --json", "polls every minute and prints one line of JSON per image"],
    ["hermes --webhook 127.0.0.1:8088", "also builds as soon as a forge announces a push"],
    ["hermes --metrics 9464", "also serves http://127.0.0.1:9464/metrics"],
  ],
  doctor: [
    ["", "checks the setup, and lists which runtimes have a template or image"],
    ["hermes", "fails if this runtime has no template or image"],
  ],
  config: [["", "shows each effective value and where it came from"]],
  sources: [["", "shows which source is selected, and why"]],
  trust: [
    ["", "trusts the project file found from the current directory"],
    ["./.moleculerc", "trusts this file"],
  ],
  completion: [
    ["bash >> ~/.bashrc", "enables completion in new bash sessions"],
    ['zsh > "${fpath[1]}/_molecule-image"', "enables completion in zsh"],
    ["fish > ~/.config/fish/completions/molecule-image.fish", "enables completion in fish"],
  ],
};

/** Returns the examples to append to a command's help. */
export function examplesOf(command: string): string {
  const examples = examplesByCommand[command] ?? [];
  const lines = examples.map(
    ([args, does]) => `  $ ${["molecule-image", command, args].join(" ").trimEnd()}\n      ${does}\n`,
  );
  return lines.length === 0 ? "" : `\nExamples:\n${lines.join("")}`;
}

/** The text appended to the program's help. */
export const firstSteps = `
Examples:
  $ molecule-image plan hermes
      shows which image would be used, and whether it must be pulled or built
  $ molecule-image run hermes --rm
      pulls or builds the image and runs a container from it

For the options and examples of a command, run: molecule-image COMMAND --help
Documentation: https://git.moleculesai.app/molecule-ai/molecule-image-sources
`;
