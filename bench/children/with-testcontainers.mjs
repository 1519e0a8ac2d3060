// testcontainers builds the directory under the name, with as many concurrent builds as requested.
import { GenericContainer } from "testcontainers";

const [, , directory, name, times] = process.argv;
const build = (suffix) =>
  GenericContainer.fromDockerfile(directory).build(`${name}${suffix}`, { deleteOnExit: false });
await Promise.all(Array.from({ length: Number(times) }, (_, index) => build(index === 0 ? "" : `-${index}`)));
