import addressparser from "nodemailer/lib/addressparser"

export interface Mailbox {
  readonly name: string
  readonly address: string
}

/** Nothing that could end the address, a header or a command of SMTP, or begin another address. */
const plainAddress = /^[^\s\p{Cc}@<>()[\],;:\\"]{1,64}@[^\s\p{Cc}@<>()[\],;:\\"]{1,255}$/u

export const isMailAddress = (text: string): boolean => plainAddress.test(text)

/** `skypanel@example.com` or `SkyPanel <skypanel@example.com>`; null for anything else, or for several. */
export const parseMailbox = (text: string): Mailbox | null => {
  if (/\p{Cc}/u.test(text)) return null
  const [first, ...others] = addressparser(text, { flatten: true })
  return first !== undefined && others.length === 0 && isMailAddress(first.address)
    ? { name: first.name, address: first.address }
    : null
}
