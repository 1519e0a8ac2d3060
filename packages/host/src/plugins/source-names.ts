/** The sources that build from template repositories; they take the same options, each under its own name. */
export const templateSources = ["gitea-local-build", "podman", "buildah"] as const;

/** Every source of this project: their options are known even where the plugin is not installed. */
export const shippedSources: readonly string[] = ["registry-pull", ...templateSources];
