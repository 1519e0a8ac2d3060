import { createIdleDownloads, escapeControls, type StepReport } from "@molecule/core";
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
  /** 0 if unknown. */
  readonly total: number;
}

/** The status texts of a layer: before, during and after its transfer. */
const statusTexts = {
  pull: { announced: "Pulling fs layer", moving: "Downloading", moved: "Download complete" },
  push: { announced: "Preparing", moving: "Pushing", moved: "Pushed" },
} as const;

export function createTransferProgress(
  report: Pick<StepReport, "output" | "amount" | "quiet" | "allowIdle">,
  kind: keyof typeof statusTexts,
): TransferProgress {
  const { announced, moving, moved } = statusTexts[kind];
  const layers = new Map<string, Amount>();
  /** The layers of a pull that have not arrived, with the bytes that have. */
  const coming = new Map<string, number>();
  const idleMs = createIdleDownloads();
  let digest: string | undefined;
  let arrived: string | undefined;
  let isQuiet = false;

  const transfer = (layer: string, amount: Amount): void => {
    const before = layers.get(layer);
    // Docker's containerd store repeats the count every 100 ms, also of a connection that is dead.
    if (before?.current === amount.current && before.total === amount.total) return;
    layers.set(layer, amount);
    isQuiet = false;
    const all = [...layers.values()];
    const sum = (pick: (layer: Amount) => number) => all.reduce((bytes, one) => bytes + pick(one), 0);
    const isBounded = all.every(({ total }) => total > 0);
    report.amount(
      sum(({ current }) => current),
      isBounded ? sum(({ total }) => total) : undefined,
      "bytes",
    );
  };
  const follow = (layer: string, status: string, { current, total }: Amount): void => {
    if (kind === "push" || layer === "") return;
    const hasArrived = total > 0 && current >= total;
    if (status === announced || (status === moving && !hasArrived)) coming.set(layer, current);
    else coming.delete(layer);
    report.allowIdle?.(idleMs([...coming.values()]));
  };
  return {
    take: (message) => {
      const [id, status] = [textOf(message.id), textOf(message.status)];
      const detail = fieldsOf(message.progressDetail);
      const [current, total] = [numberOf(detail.current), numberOf(detail.total)];
      follow(id, status, { current, total });
      if (status === moving && (current > 0 || total > 0)) {
        transfer(id, { current, total });
        return;
      }
      if (current > 0 || total > 0) {
        // Unpacking reports the same bytes again, or seconds, and takes longer than the idle timeout for a large layer.
        if (!isQuiet) report.quiet("the engine is unpacking");
        isQuiet = true;
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
