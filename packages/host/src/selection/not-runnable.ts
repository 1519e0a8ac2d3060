import { ImageSourceError, type EngineBound, type ReadyImage } from "@molecule/core";

type Place = NonNullable<EngineBound["imagesIn"]>;

const places: Readonly<Record<Place, string>> = {
  registry: "in a registry, not in a container engine",
  storage: "in a storage that no container engine uses",
};

/** Returns the error for an image that no engine API can reach. */
export function imageNotRunnable({
  reference,
  imageId,
  digest,
}: Pick<ReadyImage, "reference" | "imageId" | "digest">): ImageSourceError {
  const [place, name] =
    digest === null ? (["storage", imageId] as const) : (["registry", reference] as const);
  return notRunnable(reference, `it is ${places[place]}`, remedy(place, "it", ` ${name}`));
}

/** Returns the error for a runtime whose images no engine API will be able to reach. */
export function runtimeNotRunnable(runtime: string, source: string, place: Place): ImageSourceError {
  const why = `the images of the source ${source} are ${places[place]}`;
  return notRunnable(runtime, why, remedy(place, "the result of `ensure`", ""));
}

function remedy(place: Place, image: string, name: string): string {
  return place === "registry"
    ? `Run ${image} on an engine with \`docker run${name}\`, or, with the source buildkit, set \`into: engine\`.`
    : `Run ${image} with a tool that uses that storage (\`podman run${name}\`), or, with the source buildah, set \`into: docker\`.`;
}

function notRunnable(what: string, why: string, hint: string): ImageSourceError {
  return new ImageSourceError({ code: "CONTAINER_FAILED", message: `cannot run ${what}: ${why}`, hint });
}
