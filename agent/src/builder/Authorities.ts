import { readFile } from "node:fs/promises"
import { rootCertificates } from "node:tls"
import type { Host } from "./Confinement.ts"

/** Certificates of the authorities that the machine trusts; where it names none, of those that the runtime does. */
export const trustedAuthorities = ({ certificates }: Pick<Host, "certificates">): Promise<string> =>
  readFile(certificates, "utf8").catch(() => rootCertificates.join("\n"))
