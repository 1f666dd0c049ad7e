import { expect, it } from "vitest"
import { readCertificateProblem } from "./Certificate.ts"

/** What git of Debian 12 (GnuTLS) and of NixOS (OpenSSL), git-lfs, Node.js and Deno say. */
it.each([
  ["server certificate verification failed. CAfile: /etc/certificates CRLfile: none", "unknown-authority"],
  ["SSL certificate problem: unable to get local issuer certificate", "unknown-authority"],
  ["SSL certificate problem: self-signed certificate in certificate chain", "unknown-authority"],
  ["SSL certificate problem: certificate has expired", "expired"],
  ["SSL certificate problem: certificate is not yet valid", "not-yet-valid"],
  ["SSL: certificate subject name (x) does not match target host name '127.0.0.1'", "other-name"],
  ["SSL: no alternative certificate subject name matches target host name '127.0.0.1'", "other-name"],
  ["x509: certificate signed by unknown authority", "unknown-authority"],
  [
    "x509: certificate has expired or is not yet valid: current time 2026-11-26T15:00:00Z is after 2021-01-01T00:00:00Z",
    "expired",
  ],
  [
    "x509: certificate has expired or is not yet valid: current time 2026-11-26T15:00:00Z is before 2031-01-01T00:00:00Z",
    "not-yet-valid",
  ],
  ["x509: certificate is valid for a.example.org, not b.example.org", "other-name"],
  ["x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs", "other-name"],
  ["CERT_HAS_EXPIRED certificate has expired", "expired"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE unable to verify the first certificate", "unknown-authority"],
  ["ERR_TLS_CERT_ALTNAME_INVALID Hostname/IP does not match", "other-name"],
  ["undefined invalid peer certificate: UnknownIssuer", "unknown-authority"],
  ["undefined invalid peer certificate: Expired", "expired"],
  ["undefined invalid peer certificate: NotValidForName", "other-name"],
  ["fatal: repository 'https://example.org/x.git/' not found", null],
])("%s", (said, problem) => expect(readCertificateProblem(said)).toBe(problem))
