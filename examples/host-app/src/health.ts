import { tokens, type ContainerEngine, type ImageProvider } from "@molecule/core";
import { inject, Lifecycle, scoped } from "tsyringe";

const deadlineMs = 2_000;

/** Health of this server: whether the engine responds, and which source is selected. */
@scoped(Lifecycle.ContainerScoped)
export class Health {
  constructor(
    @inject(tokens.engine) private readonly engine: ContainerEngine,
    @inject(tokens.imageProvider) private readonly images: ImageProvider,
  ) {}

  async check(): Promise<{ readonly ok: boolean } & Readonly<Record<string, unknown>>> {
    const { selection } = this.images;
    try {
      const { kind, version } = await this.engine.describe({ signal: AbortSignal.timeout(deadlineMs) });
      return { ok: true, engine: { kind, version }, selection };
    } catch (error) {
      return { ok: false, message: error instanceof Error ? error.message : String(error), selection };
    }
  }
}
