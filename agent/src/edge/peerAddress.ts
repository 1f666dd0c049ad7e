import { isIPv4, isIPv6 } from "node:net"

/** Where something answers: an address as digits, and a port. */
export interface Address {
  readonly address: string
  readonly port: number
}

export const isPort = (port: number) => Number.isInteger(port) && port > 0 && port < 65536

/** A connection to nowhere in particular is one to this machine itself. */
const isNowhere = (address: string) => /^[0:.]+$/.test(address)

/**
 * Reads `192.0.2.7:80` or `[2001:db8::7]:80`; null for everything else. Not for names: whoever answers for a name would
 * decide where the fleet's secret is sent, and a lookup could hang.
 */
export const addressOf = (text: string): Address | null => {
  const [, six, four, port] = /^(?:\[([0-9a-fA-F:.]{2,45})\]|([0-9.]{7,15})):([0-9]{1,5})$/.exec(text) ?? []
  const address = six ?? four ?? ""
  if (!(six === undefined ? isIPv4(address) : isIPv6(address)) || isNowhere(address)) return null
  return isPort(Number(port)) ? { address, port: Number(port) } : null
}
