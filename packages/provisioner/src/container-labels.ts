/** What every container started here says about itself. */
export const containerLabels = {
  managedBy: "molecule.container.managed-by",
  runtime: "molecule.container.runtime",
} as const;

export const managedBy = "molecule-image";
