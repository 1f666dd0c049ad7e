import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/* For tests: a certificate authority of a test's own, by openssl. */

export interface Certificate {
  readonly key: string
  readonly cert: string
}

const day = (shift: number) =>
  `${new Date(Date.now() + shift * 86_400_000).toISOString().replace(/[-:T]|\..*/g, "")}Z`

export const makeAuthority = () => {
  const folder = mkdtempSync(join(tmpdir(), "skypanel-authority-"))
  const file = (name: string) => join(folder, name)
  const openssl = (...args: ReadonlyArray<string>) => execFileSync("openssl", args, { stdio: "ignore" })
  const request = (name: string, ...more: ReadonlyArray<string>) =>
    openssl(
      ...[
        "req",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-subj",
        `/CN=${name}`,
      ],
      ...["-keyout", file(`${name}.key`), "-out", file(`${name}.pem`), ...more],
    )
  request("authority", "-x509", "-days", "30")
  writeFileSync(file("index"), "")
  writeFileSync(
    file("settings"),
    `[ca]\ndefault_ca = own\n[own]\ndatabase = ${file("index")}\nnew_certs_dir = ${folder}\nrand_serial = yes\ndefault_md = sha256\npolicy = any\nunique_subject = no\n[any]\ncommonName = supplied\n`,
  )
  return {
    /** What whoever trusts it trusts. */
    file: file("authority.pem"),
    /** `names` as in `DNS:git.example.com`; `days` from and to when it is valid, from now on. */
    issue: (names: string, days: readonly [from: number, to: number] = [-1, 30]): Certificate => {
      request("host")
      writeFileSync(file("names"), `subjectAltName = ${names}\n`)
      openssl(
        ...["ca", "-batch", "-notext", "-config", file("settings"), "-extfile", file("names")],
        ...["-cert", file("authority.pem"), "-keyfile", file("authority.key")],
        ...["-startdate", day(days[0]), "-enddate", day(days[1])],
        ...["-in", file("host.pem"), "-out", file("issued.pem")],
      )
      return { key: readFileSync(file("host.key"), "utf8"), cert: readFileSync(file("issued.pem"), "utf8") }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
