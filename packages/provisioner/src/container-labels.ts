/** The labels of every container started here. */
export const containerLabels = {
  managedBy: "molecule.container.managed-by",
  runtime: "molecule.container.runtime",
} as const;

export const managedBy = "molecule-image";
