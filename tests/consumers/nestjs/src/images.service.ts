import { tokens, type ImageProvider } from "@molecule/core";
import { Inject, Injectable, type OnApplicationShutdown } from "@nestjs/common";

@Injectable()
export class ImagesService implements OnApplicationShutdown {
  constructor(@Inject(tokens.imageProvider) private readonly images: ImageProvider) {}

  get source(): string {
    return this.images.selection.source;
  }

  ensure(runtime: string): Promise<string> {
    return this.images.ensure(runtime).then(({ imageId }) => imageId);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.images.close();
  }
}
