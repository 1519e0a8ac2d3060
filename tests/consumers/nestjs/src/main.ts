import assert from "node:assert/strict";
import { ImageSourceError } from "@molecule/core";
import { NestFactory } from "@nestjs/core";
import { AppModule } from "./app.module";
import { ImagesService } from "./images.service";

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  const images = app.get(ImagesService);
  assert.equal(images.source, "gitea-local-build");
  await assert.rejects(images.ensure("nobody"), ImageSourceError);
  await app.close();
  await assert.rejects(images.ensure("hermes"));
  console.log("consumed");
}

void main();
