import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import type { IDeployment, IStatefulSet } from "kubernetes-models/apps/v1";
import type { IContainer, IVolume } from "kubernetes-models/v1";
import { read, root } from "../docs/documents.js";
import { manifest, manifests, type Manifest } from "./manifests.js";

/* The manifests in docs/operating/kubernetes must agree with each other, and with the page that explains them. */

type Workload = (Manifest & IStatefulSet) | (Manifest & IDeployment);
type Labels = Readonly<Record<string, string>>;

const run = promisify(execFile);
const command = join(root, "packages/cli/bin/molecule-image");
const page = read("docs/operating/kubernetes.md");
const kinds = (kind: string): readonly string[] =>
  manifests.filter((one) => one.kind === kind).map(({ metadata }) => metadata.name);
const workloads: readonly Workload[] = [
  ...kinds("StatefulSet").map((name) => manifest("StatefulSet", name)),
  ...kinds("Deployment").map((name) => manifest("Deployment", name)),
];
const labelsOf = ({ spec }: Workload): Labels => spec?.template.metadata?.labels ?? {};
const containersOf = ({ spec }: Workload): readonly IContainer[] => spec?.template.spec?.containers ?? [];
const volumesOf = ({ spec }: Workload): readonly IVolume[] => spec?.template.spec?.volumes ?? [];
const matches = (selector: Labels | undefined, labels: Labels): boolean =>
  Object.entries(selector ?? {}).every(([key, value]) => labels[key] === value);
const selected = (selector: Labels | undefined, namespace: string | undefined): readonly Workload[] =>
  workloads.filter((one) => one.metadata.namespace === namespace && matches(selector, labelsOf(one)));
const builders = manifest("StatefulSet", "buildkitd");
const host = manifest("Deployment", "molecule-image-watch");

test("every object is in a namespace of these manifests", () => {
  const namespaces = kinds("Namespace");
  for (const { kind, metadata } of manifests)
    if (kind !== "Namespace") expect(namespaces).toContain(metadata.namespace);
});

test("every workload selects its own pods, and its claims, volumes and mounts agree", () => {
  expect(workloads).toHaveLength(3);
  for (const one of workloads) {
    expect(selected(one.spec?.selector.matchLabels, one.metadata.namespace)).toEqual([one]);
    const claims = one.kind === "StatefulSet" ? (one.spec?.volumeClaimTemplates ?? []) : [];
    const names = [
      ...volumesOf(one).map(({ name }) => name),
      ...claims.map(({ metadata }) => metadata?.name),
    ];
    const mounts = containersOf(one).flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name));
    expect(new Set(mounts)).toEqual(new Set(names));
    for (const { persistentVolumeClaim } of volumesOf(one))
      if (persistentVolumeClaim !== undefined)
        expect(kinds("PersistentVolumeClaim")).toContain(persistentVolumeClaim.claimName);
  }
});

test("every service leads to a port of one workload's pods, and every probe to a port of its container", () => {
  for (const name of kinds("Service")) {
    const { spec, metadata } = manifest("Service", name);
    const behind = selected(spec?.selector, metadata.namespace);
    expect(behind).toHaveLength(1);
    const ports = behind.flatMap(containersOf).flatMap(({ ports = [] }) => ports);
    for (const { port, targetPort = port } of spec?.ports ?? [])
      expect(ports.flatMap(({ name: portName, containerPort }) => [portName, containerPort])).toContain(
        targetPort,
      );
  }
  for (const container of workloads.flatMap(containersOf)) {
    const { readinessProbe, livenessProbe, ports } = container;
    for (const probe of [readinessProbe, livenessProbe]) {
      const port = probe?.httpGet?.port ?? probe?.tcpSocket?.port;
      if (port !== undefined) expect(ports?.map(({ name }) => name)).toContain(port);
    }
  }
  expect(kinds("Service")).toContain(builders.spec?.serviceName);
  const budget = manifest("PodDisruptionBudget", "buildkitd");
  expect(selected(budget.spec?.selector?.matchLabels, budget.metadata.namespace)).toEqual([builders]);
});

test("only hosts reach the builders, and builders reach the registry", () => {
  const { spec, metadata } = manifest("NetworkPolicy", "buildkitd");
  expect(metadata.namespace).toBe(builders.metadata.namespace);
  expect(spec).toMatchObject({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
  const peers = (rules: readonly { readonly from?: unknown[]; readonly to?: unknown[] }[] = []): unknown[] =>
    rules.flatMap(({ from = [], to = [] }) => [...from, ...to]);
  const workloadsOf = (peer: unknown): readonly Workload[] => {
    const { podSelector, namespaceSelector } = peer as {
      podSelector?: { matchLabels?: Labels };
      namespaceSelector?: { matchLabels?: Labels };
    };
    const namespace = namespaceSelector?.matchLabels?.["kubernetes.io/metadata.name"];
    return podSelector === undefined ? [] : selected(podSelector.matchLabels, namespace);
  };
  expect(peers(spec?.ingress).flatMap(workloadsOf)).toEqual([host]);
  const registry = manifest("Deployment", "registry");
  expect(peers(spec?.egress).flatMap(workloadsOf)).toEqual([registry]);
});

test("no pod gets a token for the cluster, and only builders are exempt from the restricted profile", () => {
  for (const { spec } of workloads)
    expect(spec?.template.spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true },
    });
  for (const name of kinds("Namespace")) {
    const { metadata } = manifest("Namespace", name);
    const { labels } = metadata as { labels?: Labels };
    expect(labels?.["pod-security.kubernetes.io/enforce"]).toBe(
      name === builders.metadata.namespace ? "privileged" : "restricted",
    );
  }
});

test("the command accepts the host's arguments and configuration, which names builders, certificates and registry", async () => {
  const { data } = manifest("ConfigMap", "molecule-image");
  const directory = await mkdtemp(join(tmpdir(), "kubernetes-"));
  try {
    const file = join(directory, "config.yaml");
    await writeFile(file, data?.["config.yaml"] ?? "");
    const values = await effectiveValues(file);
    const { name, namespace } = builders.metadata;
    const service = `${String(builders.spec?.serviceName)}.${String(namespace)}.svc`;
    const addresses = Array.from(
      { length: builders.spec?.replicas ?? 0 },
      (_, index) => `tcp://${name}-${String(index)}.${service}:1234`,
    );
    expect(values.get("options.buildkit.addr")).toEqual(addresses);
    expect(values.get("options.buildkit.into")).toBe("registry");
    expect(page).toContain(String(values.get("options.buildkit.registry")).split("/")[0]);
    const [container] = containersOf(host);
    const mounts = container?.volumeMounts?.map(({ mountPath }) => mountPath) ?? [];
    for (const key of ["ca", "cert", "key"])
      expect(mounts).toContain(dirname(String(values.get(`options.buildkit.tls.${key}`))));

    const args = container?.args ?? [];
    expect(args).toContain("--config=/etc/molecule/config.yaml");
    const { stdout } = await run(command, [...args, "--help"]);
    expect(stdout).toContain("Usage: molecule-image watch");
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("the page names every file, image and secret", () => {
  const secrets = workloads.flatMap((one) => [
    ...volumesOf(one).map(({ secret }) => secret?.secretName),
    ...(one.spec?.template.spec?.imagePullSecrets ?? []).map(({ name }) => name),
    ...containersOf(one).flatMap(({ env = [] }) => env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name)),
  ]);
  expect(secrets.filter((name) => name !== undefined)).toHaveLength(7);
  const images = workloads.flatMap(containersOf).map(({ image }) => image);
  for (const name of [...secrets, ...images]) if (name !== undefined) expect(page).toContain(name);
});

async function effectiveValues(file: string): Promise<ReadonlyMap<string, unknown>> {
  const { stdout } = await run(command, ["config", "--json", "--config", file], {
    env: { HOME: "/nonexistent" },
  });
  const { values } = JSON.parse(stdout) as { values: { path: string; value: unknown }[] };
  return new Map(values.map(({ path, value }) => [path, value]));
}
