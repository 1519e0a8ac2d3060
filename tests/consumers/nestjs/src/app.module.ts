import { tokens } from "@molecule/core";
import { createImageProvider } from "@molecule/host";
import giteaLocalBuild from "@molecule/source-gitea-local-build";
import registryPull from "@molecule/source-registry-pull";
import { Module } from "@nestjs/common";
import { ImagesService } from "./images.service";

@Module({
  providers: [
    {
      provide: tokens.imageProvider,
      useFactory: () =>
        createImageProvider({ cwd: process.cwd(), env: {}, plugins: [registryPull, giteaLocalBuild] }),
    },
    ImagesService,
  ],
})
export class AppModule {}
