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
  /** Files that packages make, and leave empty. */
  readonly emptied: ReadonlyArray<string>
  /** Accounts that packages made and leave behind. */
  readonly users: ReadonlyArray<string>
  readonly groups: ReadonlyArray<string>
  /** Units of the distribution's that were kept from starting. */
  readonly masked: ReadonlyArray<string>
}

/** `package haproxy`, `file /etc/docker/daemon.json <sha256>`, `folder /nix`, `group docker`, `masked haproxy.service`. */
export const parseRecord = (text: string): InstallationRecord => {
  const entries = text
    .split("\n")
    .map((line) => line.split(" "))
    .filter((words) => words.length > 1)
  const of = (kind: string) => entries.filter(([first]) => first === kind).map(([, ...words]) => words)
  const names = (kind: string) => [...new Set(of(kind).map(([name = ""]) => name))]
  return {
    packages: names("package"),
    files: of("file").map(([path = "", sha256 = ""]) => ({ path, sha256 })),
    folders: names("folder"),
    emptied: names("emptied"),
    users: names("user"),
    groups: names("group"),
    masked: names("masked"),
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
