import { request } from "node:http"
import { networkInterfaces } from "node:os"
import { setTimeout as wait } from "node:timers/promises"
import { name, type Published, withPublishedImage } from "./publishedImage.ts"
import { type Row, rowOf } from "./row.ts"

type Encoding = "zstd" | "gzip" | "identity"

interface Taken {
  readonly seconds: number
  readonly bytes: number
}

/** What leaves this machine is compressed, so it is asked by an address that is not loopback. */
const ownAddress = (): string => {
  const found = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === "IPv4" && !internal)
  if (found === undefined) throw new Error("this machine has no address but loopback")
  return found.address
}

/** Reads one layer, no faster than the link. */
const readLayer = (
  { server, password }: Published,
  digest: string,
  encoding: Encoding,
  bytesPerSecond: number,
): Promise<number> =>
  new Promise((resolve, reject) => {
    const options = {
      host: ownAddress(),
      port: server.port,
      path: `/v2/${name}/blobs/${digest}`,
      auth: `${name}:${password}`,
      headers: { "Accept-Encoding": encoding },
    }
    request(options, async (response) => {
      try {
        const begun = performance.now()
        let size = 0
        for await (const bytes of response) {
          size += (bytes as Buffer).length
          const early = (size / bytesPerSecond) * 1000 - (performance.now() - begun)
          if (early > 1) await wait(early)
        }
        resolve(size)
      } catch (error) {
        reject(error)
      }
    })
      .on("error", reject)
      .end()
  })

/** One after the other, so that each is compressed. */
const readImage = async (from: Published, encoding: Encoding, bytesPerSecond: number): Promise<Taken> => {
  const begun = performance.now()
  let bytes = 0
  for (const { digest } of from.image.layers) bytes += await readLayer(from, digest, encoding, bytesPerSecond)
  return { seconds: (performance.now() - begun) / 1000, bytes }
}

const links = { "as fast as it goes": Number.POSITIVE_INFINITY, "at 100 Mbit/s": 12_500_000 }

/** The layers of an image, compressed on their way, against the same bytes as they are. */
export const wire = (runs: number): Promise<ReadonlyArray<Row>> =>
  withPublishedImage(async (published) => {
    const what = `${(published.image.totalBytes / 1e6).toFixed(0)} MB in ${published.image.layers.length} layers`
    const rows: Array<Row> = []
    for (const encoding of ["zstd", "gzip"] as const)
      for (const [link, bytesPerSecond] of Object.entries(links)) {
        const pairs: Array<{ ours: Taken; theirs: Taken }> = []
        for (let round = 0; round < runs; round++)
          pairs.push({
            ours: await readImage(published, encoding, bytesPerSecond),
            theirs: await readImage(published, "identity", bytesPerSecond),
          })
        const rowFor = (title: string, unit: Row["unit"], of: keyof Taken) =>
          rowOf(
            title,
            unit,
            pairs.map(({ ours, theirs }) => ({ ours: ours[of], theirs: theirs[of] })),
          )
        if (rows.every(({ unit, name }) => unit !== "bytes" || !name.includes(encoding)))
          rows.push(rowFor(`bytes of an image (${what}) as ${encoding}`, "bytes", "bytes"))
        rows.push(rowFor(`the same read ${link}, as ${encoding}`, "s", "seconds"))
      }
    return rows
  })
