// Formats the results as text that reads well in a terminal and is Markdown in a document.

/** @param outcome `{ measurement, results, verdicts }` */
export function outcomeText({ measurement, results, verdicts }) {
  const unit = measurement.unit ?? "ms";
  const rows = results.map((result) =>
    result.missing === undefined
      ? [
          result.name,
          number(result.median),
          `${number(result.low)} to ${number(result.high)}`,
          String(result.n),
        ]
      : [result.name, "not measured", result.missing, ""],
  );
  const lines = [
    `### ${measurement.title}`,
    "",
    ...table([["", `median, ${unit}`, "middle half", "runs"], ...rows]),
  ];
  if (verdicts.length > 0) lines.push("", ...verdicts.map((verdict) => `- ${verdictText(verdict, unit)}`));
  for (const note of results.notes ?? []) lines.push(`- ${note}`);
  return `${lines.join("\n")}\n`;
}

function verdictText({ of, against, beyond, value, limit, met, isSlower }, unit) {
  const middle = `middle half ${number(value.low)} to ${number(value.high)}`;
  const text =
    against === undefined
      ? `${of}: ${number(value.median)} ${unit} more than ${beyond} (${middle})`
      : `${of} = **${number(value.median)} ×** ${against} (${middle})`;
  if (isSlower !== undefined) return `${text}: ${isSlower ? "**SLOWER**" : "not slower"}`;
  if (limit === undefined) return text;
  return `${text}; target: at most ${limit}${against === undefined ? ` ${unit}` : " ×"}: **${met ? "met" : "NOT met"}**`;
}

export function environmentText(environment) {
  const { date, system, processor, memory, load, node, engine, peers } = environment;
  return table([
    ["", ""],
    ["date", date],
    ["system", `${system}; ${processor}, ${memory}; load before: ${load}`],
    ["node", node],
    ["engine", engine],
    ...peers.map((version) => ["compared with", version]),
  ]).join("\n");
}

function number(value) {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function table([head, ...rows]) {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column].length)));
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  return [line(head), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rows.map(line)];
}
