import { escapeControls, type StepReport } from "@molecule/core";
import { fieldsOf, numberOf, textOf, type Fields } from "./json-fields.js";

/** Reports the messages of a pull: status lines as output, downloads as one amount over all layers. */
export interface PullProgress {
  take(message: Fields): void;
  /** The registry's digest, once the engine has said it. */
  readonly digest: string | undefined;
}

interface Amount {
  readonly current: number;
  readonly total: number;
}

export function createPullProgress(report: StepReport): PullProgress {
  const layers = new Map<string, Amount>();
  let digest: string | undefined;

  const download = (layer: string, amount: Amount): void => {
    layers.set(layer, amount);
    const sum = (pick: (layer: Amount) => number) =>
      [...layers.values()].reduce((all, one) => all + pick(one), 0);
    report.amount(
      sum(({ current }) => current),
      sum(({ total }) => total),
      "bytes",
    );
  };
  return {
    take: (message) => {
      const [id, status] = [textOf(message.id), textOf(message.status)];
      const detail = fieldsOf(message.progressDetail);
      const total = numberOf(detail.total);
      if (total > 0) {
        // Extracting counts the same bytes once more.
        if (status === "Downloading") download(id, { current: numberOf(detail.current), total });
        return;
      }
      if (status === "Download complete") {
        const known = layers.get(id);
        if (known !== undefined) download(id, { current: known.total, total: known.total });
      }
      digest ??= /^Digest: (sha256:[0-9a-f]{64})$/.exec(status)?.[1];
      // Podman has `{"stream"}` lines here.
      const text = status === "" ? textOf(message.stream).trim() : status;
      if (text !== "") report.output(escapeControls(id === "" ? text : `${id}: ${text}`));
    },
    get digest() {
      return digest;
    },
  };
}
