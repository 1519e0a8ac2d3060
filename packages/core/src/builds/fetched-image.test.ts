import { expect, test } from "@jest/globals";
import { fetchedFrom, fetchedFrontend, fetchedImage } from "./fetched-image.js";

test.each([
  ["[internal] load metadata for h:5000/x/y:latest", "h:5000/x/y:latest", "h:5000"],
  ["[1/2] FROM h:5000/x:y@sha256:abc AS base", "h:5000/x:y@sha256:abc", undefined],
  ["[base 1/2] FROM busybox", "busybox", "docker.io"],
  ["FROM h.example/x:y", "h.example/x:y", "h.example"],
  ["[1/2] FROM --platform=linux/amd64 h.example/x", "h.example/x", "h.example"],
  ["[2/2] COPY --from=h.example/x /a /b", "h.example/x", "h.example"],
  ["[2/2] RUN echo FROM h.example/x", undefined, undefined],
  ["[2/2] COPY a --from=h.example/x", undefined, undefined],
  ["", undefined, undefined],
])("%s", (step, image, registry) => {
  expect(fetchedImage(step)).toBe(image);
  expect(fetchedFrom(step)).toBe(registry);
});

test.each([
  ["resolve image config for docker-image://docker.io/docker/dockerfile:1", "docker.io/docker/dockerfile:1"],
  ["resolve image config for docker.io/docker/dockerfile:1", "docker.io/docker/dockerfile:1"],
  ["docker-image://docker.io/docker/dockerfile:1@sha256:abc", "docker.io/docker/dockerfile:1@sha256:abc"],
  ["[internal] load metadata for docker.io/library/busybox:latest", undefined],
  ["FROM h.example/x:y", undefined],
  ["", undefined],
])("the frontend of %j is %s", (step, image) => {
  expect(fetchedFrontend(step)).toBe(image);
});
