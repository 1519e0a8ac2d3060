const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;

const rows = [
  ["hosts with the image", ({ ready, hosts }) => `${ready} of ${hosts}`],
  [
    "builds",
    ({ builds, buildsBegun }) =>
      buildsBegun === builds ? `${builds}` : `${builds}, and ${buildsBegun - builds} aborted`,
  ],
  ["hosts that requested a build", ({ requestedBuilds }) => requestedBuilds],
  ["different images", ({ digests }) => digests],
  ["requests to the forge", ({ forgeRequests }) => forgeRequests],
  ["bytes from the forge", ({ forgeBytes }) => megabytes(forgeBytes)],
  ["bytes to the builders", ({ builderBytes }) => megabytes(builderBytes)],
  ["bytes pushed", ({ pushedBytes }) => megabytes(pushedBytes)],
  ["time until the last host was ready", ({ seconds }) => `${seconds} s`],
];

/** Returns the results as a Markdown table, with a column for each scenario, followed by the failures. */
export function tableOf(results) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [
    line(["", ...results.map(({ name }) => name)]),
    `|${"---|".repeat(results.length + 1)}`,
    ...rows.map(([title, cell]) => line([title, ...results.map(cell)])),
    ...results.flatMap(({ name, failures }) => failures.map((failure) => `\n${name}: ${failure}`)),
  ].join("\n");
}
