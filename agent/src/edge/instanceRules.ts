import { files } from "./files.ts"
import { pageInstead } from "./pageRules.ts"

/** An instance that does not answer costs the visitor time: there are three attempts in all. */
export type Attempt = 1 | 2 | 3

export const backendName = (kind: string, attempt: Attempt) => (attempt === 1 ? kind : `${kind}-${attempt}`)

/** The request comes from another worker's proxy, which proved that with its secret. */
export const fromPeer = "{ var(txn.from) -m str peer }"

/**
 * Finds the set of instances that may answer, or says why there is none. A set's name has how many there are and which
 * of them are for peers (`InstanceSet`): it is made of its content, so that they always fit each other, whatever is
 * changed meanwhile. A request of a peer goes to containers of this worker only, never on to a third proxy.
 */
export const findSet = [
  "  http-request set-var(txn.host) req.hdr(host),field(1,:),lower,regsub(\\.$,)",
  `  http-request set-var(txn.set) var(txn.host),map_str(${files.routes},unknown)`,
  // Without a host there is no set at all.
  "  http-request set-var(txn.set) str(unknown) unless { var(txn.set) -m found }",
  ...pageInstead("var(txn.set)", "!{ var(txn.set) -m sub : }"),
  "  http-request set-var(txn.count) var(txn.set),field(2,:)",
  `  http-request set-var(txn.count) var(txn.set),field(3,:) if ${fromPeer}`,
  "  http-request set-var(txn.first) int(0)",
  `  http-request set-var(txn.first) var(txn.set),field(4,:) if ${fromPeer} { var(txn.set),field(4,:) -m int gt 0 }`,
  ...pageInstead("str(waiting)", "{ var(txn.count) -m int 0 }"),
]

const pick = (sample: string, when = "") => `  http-request set-var(txn.pick) ${sample}${when}`
const anyOfThem = "rand,mod(txn.count),add(txn.first)"

/** For a request that begins: all instances get the same share. */
export const pickFirst = [pick(anyOfThem)]

/**
 * For one that comes back: the next instance of the set. When the host has got another set meanwhile, any of that one.
 * What was tried is in the unique id of the connection that it came back on.
 */
export const pickNext = [
  "  http-request set-var(txn.before) fc_pp_unique_id",
  '  http-request set-var(txn.from) var(txn.before),field(1,";")',
  '  http-request set-var(txn.triedset) var(txn.before),field(2,";")',
  ...findSet,
  pick(anyOfThem),
  pick('var(txn.before),field(3,";")', " if { var(txn.set),strcmp(txn.triedset) eq 0 }"),
]

/**
 * Where that instance is: `container/<address>/<port>/<next>` or `peer/…`. `next` is the number of the one to try when
 * it does not answer; among containers of this worker that is simply the one behind it.
 */
export const goThere = (attempt: Attempt) => [
  `  http-request set-var(txn.target) var(txn.set),concat(/,txn.pick),map_str(${files.instances})`,
  // Whatever is no address must not go on: without one the proxy would connect to where the client connected to,
  // which is itself.
  ...pageInstead(
    "str(failed)",
    "!{ var(txn.target),field(2,/) -m ip 0.0.0.0/0 } !{ var(txn.target),field(2,/) -m ip ::/0 }",
  ),
  "  http-request set-var(txn.next) var(txn.target),field(4,/)",
  `  http-request set-var(txn.next) var(txn.pick),sub(txn.first),add(1),mod(txn.count),add(txn.first) if ${fromPeer}`,
  '  http-request set-var(txn.tried) str(),concat(,txn.from),concat(";",txn.set),concat(";",txn.next)',
  "  http-request set-dst var(txn.target),field(2,/)",
  "  http-request set-dst-port var(txn.target),field(3,/)",
  "  acl to-peer var(txn.target),field(1,/) -m str peer",
  // What may be sent again when it is not known whether it arrived.
  "  acl repeatable method GET HEAD OPTIONS",
  "  acl long req.hdr(upgrade) -m found",
  "  acl long req.hdr(content-length) -m found",
  "  acl long req.hdr(transfer-encoding) -m found",
  "  acl long req.hdr(accept) -m sub text/event-stream",
  "  use_backend pages if { var(txn.page) -m found }",
  `  use_backend ${backendName("peers", attempt)} if to-peer repeatable !long`,
  `  use_backend ${backendName("peers-once", attempt)} if to-peer`,
  `  use_backend ${backendName("containers", attempt)} if repeatable`,
  `  default_backend ${backendName("containers-once", attempt)}`,
]
