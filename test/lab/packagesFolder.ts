import { tmpdir } from "node:os"
import { join } from "node:path"

/** A builder's data folder for the embedded package set, the same in every run: downloaded once on a machine. */
export const packagesFolder = join(tmpdir(), "skypanel-test-packages")
