import { escapeControls, type StepReport } from "@molecule/core";
import { fieldsOf, numberOf, textOf, type Fields } from "../connection/json-fields.js";

/** Reports the messages of a pull or a push: status lines as output, bytes as one amount for all layers. */
export interface TransferProgress {
  take(message: Fields): void;
  /** The digest at the registry; undefined until the engine reports it. */
  readonly digest: string | undefined;
  /** The ID in the last message about something that arrived: for a pull by Podman, the start of the image ID. */
  readonly arrived: string | undefined;
}

interface Amount {
  readonly current: number;
  readonly total: number;
}

/** The status texts of a layer in transfer and of a transferred one. */
const statusTexts = {
  pull: { moving: "Downloading", moved: "Download complete" },
  push: { moving: "Pushing", moved: "Pushed" },
} as const;

export function createTransferProgress(report: StepReport, kind: keyof typeof statusTexts): TransferProgress {
  const { moving, moved } = statusTexts[kind];
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
        // Unpacking reports the same bytes again, and takes longer than the idle timeout for a large layer.
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
      // Podman sends `{"stream"}` lines here.
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
