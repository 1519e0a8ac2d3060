import { escapeControls, type StepReport } from "@molecule/core";
import { fieldsOf, numberOf, textOf, type Fields } from "../connection/json-fields.js";

/** Reports the messages of a pull or a push: status lines as output, bytes as one amount over all layers. */
export interface TransferProgress {
  take(message: Fields): void;
  /** The registry's digest, once the engine has said it. */
  readonly digest: string | undefined;
  /** What the last message called the thing that arrived: of a pull by Podman, the start of the image's ID. */
  readonly arrived: string | undefined;
}

interface Amount {
  readonly current: number;
  readonly total: number;
}

/** How a layer on its way, and one that has arrived, is called. */
const words = {
  pull: { moving: "Downloading", moved: "Download complete" },
  push: { moving: "Pushing", moved: "Pushed" },
} as const;

export function createTransferProgress(report: StepReport, kind: keyof typeof words): TransferProgress {
  const { moving, moved } = words[kind];
  const layers = new Map<string, Amount>();
  let digest: string | undefined;
  let arrived: string | undefined;
  let isQuiet = false;

  const transfer = (layer: string, amount: Amount): void => {
    layers.set(layer, amount);
    isQuiet = false;
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
        if (status === moving) transfer(id, { current: numberOf(detail.current), total });
        // It counts the same bytes again, and a large layer takes longer than the idle timeout.
        else if (!isQuiet) {
          isQuiet = true;
          report.quiet("the engine is unpacking");
        }
        return;
      }
      if (status === moved) {
        arrived = id;
        const known = layers.get(id);
        if (known !== undefined) transfer(id, { current: known.total, total: known.total });
      }
      digest ??= /(?:^Digest:|\bdigest:) (sha256:[0-9a-f]{64})\b/.exec(status)?.[1];
      // Podman has `{"stream"}` lines here.
      const text = status === "" ? textOf(message.stream).trim() : status;
      if (text === "") return;
      isQuiet = false;
      report.output(escapeControls(id === "" ? text : `${id}: ${text}`));
    },
    get digest() {
      return digest;
    },
    get arrived() {
      return arrived;
    },
  };
}
