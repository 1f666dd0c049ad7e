import { paddingOf, type TarEntry, tarEnd, tarHeader } from "./tar.ts"

/** Whom images run as when nobody says otherwise: `nobody` in every Linux distribution. */
export const defaultUser = "65534:65534"

const files: Record<string, string> = {
  "etc/group": "root:x:0:\nnogroup:x:65534:\n",
  "etc/nsswitch.conf": "hosts: files dns\n",
  "etc/passwd": "root:x:0:0:root:/tmp:/bin/false\nnobody:x:65534:65534:nobody:/tmp:/bin/false\n",
}

const entries: ReadonlyArray<TarEntry> = [
  { kind: "directory", path: "etc", mode: 0o755 },
  ...Object.entries(files).map(
    ([path, text]): TarEntry => ({ kind: "file", path, size: text.length, mode: 0o444 }),
  ),
  { kind: "directory", path: "nix", mode: 0o755 },
  { kind: "directory", path: "nix/store", mode: 0o755 },
  { kind: "directory", path: "tmp", mode: 0o1777 },
  { kind: "directory", path: "var", mode: 0o755 },
  { kind: "directory", path: "var/empty", mode: 0o555 },
  { kind: "directory", path: "var/tmp", mode: 0o1777 },
]

const contents = (entry: TarEntry): ReadonlyArray<Buffer> => {
  const text = files[entry.path]
  return text === undefined ? [] : [Buffer.from(text), Buffer.alloc(paddingOf(text.length))]
}

/**
 * The bottom layer of every image, the same bytes for all: what a program expects around a store that has nothing
 * but `/nix/store`. `/tmp` and `/var/tmp` are there to be mounted over, since the root is read-only.
 */
export const baseLayerTar: Buffer = Buffer.concat([
  ...entries.flatMap((entry) => [tarHeader(entry), ...contents(entry)]),
  tarEnd,
])

/** What comes before a layer's store paths: overlayfs takes a folder's mode from the topmost layer that has it. */
export const storeFolderEntries: Buffer = Buffer.concat([
  tarHeader({ kind: "directory", path: "nix", mode: 0o755 }),
  tarHeader({ kind: "directory", path: "nix/store", mode: 0o755 }),
])
