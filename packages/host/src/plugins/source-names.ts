/** The sources that build from template repositories; all accept the same options, each under its own name. */
export const templateSources = ["gitea-local-build", "podman", "buildah"] as const;

/** Every source of this project. Their option keys are known even if the plugin is not installed. */
export const shippedSources: readonly string[] = ["registry-pull", ...templateSources];
