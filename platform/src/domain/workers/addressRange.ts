import { isIP } from "node:net"
import ipaddr from "ipaddr.js"

/** `192.0.2.0/24`, `2001:db8::/32` or one address; null when the text is none. */
const parseRange = (text: string): readonly [ipaddr.IPv4 | ipaddr.IPv6, number] | null => {
  // The library takes shortened addresses such as 192.0.2 too.
  if (isIP(text.replace(/\/\d+$/, "")) === 0) return null
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text)
  if (!ipaddr.isValid(text)) return null
  const address = ipaddr.parse(text)
  return [address, address.kind() === "ipv4" ? 32 : 128]
}

export const isRange = (text: string): boolean => parseRange(text) !== null

/** False for what is no address, and for one of the other family. */
export const isInRange = (address: string, range: string): boolean => {
  const parsed = parseRange(range)
  if (parsed === null || isIP(address) === 0) return false
  // An IPv4 visitor on a socket of both families comes as ::ffff:192.0.2.1.
  const given = ipaddr.process(address)
  const [network, bits] = parsed
  return given.kind() === network.kind() && given.match([network, bits] as never)
}
