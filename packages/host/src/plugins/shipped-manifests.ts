import type { SourceManifest } from "@molecule/core";

/** The declarations of the shipped sources. Made by npm run generate from plugins/. */
export const shippedManifests: readonly SourceManifest[] = [
  {
    name: "buildah",
    apiVersion: 1,
    modes: ["local"],
    variables: [
      { name: "MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX", option: "repoPrefix" },
      { name: "MOLECULE_GITEA_TOKEN", secret: true },
      { name: "MOLECULE_GIT_TOKEN", secret: true },
      { name: "MOLECULE_LOCAL_IMAGE_ISOLATION" },
    ],
    optionVariables: ["secrets.*.env", "templates.*.secrets.*.env"],
    runtimeOptions: [
      {
        option: "templates",
        workingCopy: { path: "path", replaces: ["repo", "forge", "branch", "revision"] },
      },
    ],
  },
  {
    name: "buildkit",
    apiVersion: 1,
    modes: ["local"],
    variables: [
      { name: "MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX", option: "repoPrefix" },
      { name: "MOLECULE_GITEA_TOKEN", secret: true },
      { name: "MOLECULE_GIT_TOKEN", secret: true },
      { name: "MOLECULE_LOCAL_IMAGE_ISOLATION" },
    ],
    optionVariables: ["secrets.*.env", "templates.*.secrets.*.env"],
    runtimeOptions: [
      {
        option: "templates",
        workingCopy: { path: "path", replaces: ["repo", "forge", "branch", "revision"] },
      },
    ],
  },
  {
    name: "gitea-local-build",
    apiVersion: 1,
    modes: ["local"],
    variables: [
      { name: "MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX", option: "repoPrefix" },
      { name: "MOLECULE_GITEA_TOKEN", secret: true },
      { name: "MOLECULE_GIT_TOKEN", secret: true },
      { name: "MOLECULE_LOCAL_IMAGE_ISOLATION" },
    ],
    optionVariables: ["secrets.*.env", "templates.*.secrets.*.env"],
    runtimeOptions: [
      {
        option: "templates",
        workingCopy: { path: "path", replaces: ["repo", "forge", "branch", "revision"] },
      },
    ],
  },
  {
    name: "podman",
    apiVersion: 1,
    modes: ["local"],
    variables: [
      { name: "MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX", option: "repoPrefix" },
      { name: "MOLECULE_GITEA_TOKEN", secret: true },
      { name: "MOLECULE_GIT_TOKEN", secret: true },
      { name: "MOLECULE_LOCAL_IMAGE_ISOLATION" },
      { name: "CONTAINER_HOST" },
    ],
    optionVariables: ["secrets.*.env", "templates.*.secrets.*.env"],
    runtimeOptions: [
      {
        option: "templates",
        workingCopy: { path: "path", replaces: ["repo", "forge", "branch", "revision"] },
      },
    ],
  },
  {
    name: "registry-pull",
    apiVersion: 1,
    modes: ["registry"],
    runtimeOptions: [{ option: "pullPolicy", hasDefault: true }, { option: "pins" }],
    harmlessOptions: ["tag", "pullPolicy", "pins"],
  },
];
