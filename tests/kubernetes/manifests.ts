import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { IDeployment, IStatefulSet } from "kubernetes-models/apps/v1";
import type { INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1";
import type { IPodDisruptionBudget } from "kubernetes-models/policy/v1";
import type { IConfigMap, INamespace, IService } from "kubernetes-models/v1";
import { parseAllDocuments } from "yaml";
import { read, root } from "../docs/documents.js";

/** An object of Kubernetes. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [key: string]: unknown;
}

/** The folder of the manifests, relative to the root. */
export const folder = "docs/operating/kubernetes";

/** Every manifest in the folder. Kubernetes reads YAML 1.1, where `yes` is a boolean and `0440` octal. */
export const manifests: readonly Manifest[] = readdirSync(join(root, folder))
  .filter((name) => name.endsWith(".yaml"))
  .flatMap((name) =>
    parseAllDocuments(read(join(folder, name)), { version: "1.1" }).map((document) => {
      if (document.errors.length > 0) throw new Error(`${name}: ${String(document.errors[0]?.message)}`);
      return document.toJS() as Manifest;
    }),
  );

interface Kinds {
  readonly ConfigMap: IConfigMap;
  readonly Deployment: IDeployment;
  readonly Namespace: INamespace;
  readonly NetworkPolicy: INetworkPolicy;
  readonly PodDisruptionBudget: IPodDisruptionBudget;
  readonly Service: IService;
  readonly StatefulSet: IStatefulSet;
}

/** Returns the only manifest of a kind and name. */
export function manifest<Kind extends keyof Kinds>(kind: Kind, name: string): Manifest & Kinds[Kind] {
  const found = manifests.filter((one) => one.kind === kind && one.metadata.name === name);
  if (found.length !== 1) throw new Error(`${String(found.length)} manifests are named ${kind} ${name}`);
  return found[0] as Manifest & Kinds[Kind];
}
