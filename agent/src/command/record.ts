import { readFileSync } from "node:fs"
import { join } from "node:path"

/** What the installation script did to this machine: a line for each thing, so that it can be undone. */
export interface InstallationRecord {
  /** Debian packages that it added, with those that came along. */
  readonly packages: ReadonlyArray<string>
  /** Files outside of our own folders, with the hash of what was written. */
  readonly files: ReadonlyArray<{ readonly path: string; readonly sha256: string }>
  /** Folders that were not there before. */
  readonly folders: ReadonlyArray<string>
  /** Units of the distribution's that were kept from starting. */
  readonly masked: ReadonlyArray<string>
}

/** `package haproxy`, `file /etc/docker/daemon.json <sha256>`, `folder /nix`, `masked haproxy.service`. */
export const parseRecord = (text: string): InstallationRecord => {
  const entries = text
    .split("\n")
    .map((line) => line.split(" "))
    .filter((words) => words.length > 1)
  const of = (kind: string) => entries.filter(([first]) => first === kind).map(([, ...words]) => words)
  return {
    packages: [...new Set(of("package").map(([name = ""]) => name))],
    files: of("file").map(([path = "", sha256 = ""]) => ({ path, sha256 })),
    folders: of("folder").map(([path = ""]) => path),
    masked: of("masked").map(([name = ""]) => name),
  }
}

export const installFolder = (dataFolder: string): string => join(dataFolder, "install")

export const readRecord = (dataFolder: string): InstallationRecord => {
  try {
    return parseRecord(readFileSync(join(installFolder(dataFolder), "record"), "utf8"))
  } catch {
    return parseRecord("")
  }
}
