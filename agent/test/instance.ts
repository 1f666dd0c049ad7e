import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

// A program of its own that answers with its name, so that a test can kill it. Prints its port when it listens.
const name = process.argv[2] ?? ""
const server = createServer((request, response) => {
  request.resume()
  request.on("end", () => response.end(name))
})
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port))
