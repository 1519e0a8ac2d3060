// The lower bound for a hit as a whole process: a single request to the forge, a single inspection, nothing else.
import { request } from "node:http";

const [, , url, socketPath, enginePath] = process.argv;

function get(options) {
  return new Promise((resolve, reject) => {
    request(options, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text) => (body += text));
      response.on("end", () =>
        response.statusCode === 200 ? resolve(JSON.parse(body)) : reject(new Error(body)),
      );
    })
      .on("error", reject)
      .end();
  });
}

const { hostname, port, pathname } = new URL(url);
await get({ hostname, port, path: pathname });
await get({ socketPath, path: enginePath });
