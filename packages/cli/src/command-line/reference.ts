/** The most important variables; docs/operating/configuration.md lists all. */
const variables: readonly (readonly [name: string, meaning: string])[] = [
  ["MOLECULE_IMAGE_REGISTRY", "pull from this registry; unset: build"],
  ["MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX", "start of the URLs of templates"],
  ["MOLECULE_GITEA_TOKEN", "token for private templates"],
  ["MOLECULE_LOCAL_BUILD_CACHE", "directory for checkouts"],
  ["MOLECULE_IMAGE_PLATFORM", "platform of images (default: linux/amd64)"],
  ["MOLECULE_CONFIG", "configuration file"],
  ["DOCKER_HOST", "address of the container engine"],
];

const statuses: readonly (readonly [statuses: string, meaning: string])[] = [
  ["0", "success"],
  ["1", "doctor found a problem, or the output was closed"],
  ["2", "the command line or the configuration is wrong"],
  ["3", "the forge or the registry failed"],
  ["4", "the engine or this machine failed"],
  ["5", "the template is invalid, or its build failed"],
  ["6", "a time limit expired"],
  ["70", "molecule-image has a bug"],
  ["130, 143", "cancelled by SIGINT (Ctrl-C), SIGTERM"],
];

/** The variables and exit statuses, for the program's help. */
export const reference = `
Variables:
${table(variables)}
Exit status (run: that of the container):
${table(statuses)}`;

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, meaning]) => `  ${name.padEnd(width)}  ${meaning}\n`).join("");
}
