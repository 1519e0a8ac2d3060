import { createSource, Refusal } from "./create-source.js";

/** The parts of the process that the command uses. */
export interface Surroundings {
  readonly cwd: () => string;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

const usage = `Usage: npm create molecule-source NAME

Creates the directory molecule-source-NAME with an image source, its tests and its types.
NAME: lower-case letters, digits and single dashes. Installs and overwrites nothing.
`;

/** Returns the exit status: 0, or 2 if nothing was created. */
export async function main(args: readonly string[], { cwd, stdout, stderr }: Surroundings): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    stdout.write(usage);
    return 0;
  }
  const [name, ...others] = args;
  if (name === undefined || others.length > 0) {
    stderr.write(`${name === undefined ? "missing NAME" : "expected exactly one NAME"}\n\n${usage}`);
    return 2;
  }
  try {
    const directory = await createSource(name, cwd());
    stdout.write(`Created ${directory}. Next steps:\n\n  cd ${directory}\n  npm install\n  npm test\n\n`);
    stdout.write("To learn how a source works, read docs/extending/writing-a-source.md of molecule-image.\n");
    return 0;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    stderr.write(`${error.message}\n\n${usage}`);
    return 2;
  }
}
