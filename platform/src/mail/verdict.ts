import type { NodemailerError } from "nodemailer"
import { MailDeferred, type MailError, MailRefused, MailUnavailable } from "./errors.ts"

const textOf = (error: NodemailerError): string =>
  error.message
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim()
    .slice(0, 300)

const nextOf = (error: NodemailerError): string => {
  if (error.code === "EAUTH") return "Correct user and password in SKYPANEL_SMTP_URL."
  if (error.command === "MAIL FROM")
    return "Set SKYPANEL_MAIL_FROM to an address that the mail server lets this login send from."
  if (/certificate|altnames/i.test(error.message))
    return "Give the mail server a valid certificate, or add ?tls.rejectUnauthorized=false to SKYPANEL_SMTP_URL."
  if (error.code === "ETLS" || /STARTTLS/.test(error.message))
    return "Use smtps://, or add ?requireTLS=false to SKYPANEL_SMTP_URL if the way to the mail server is safe."
  return "See that the mail server of SKYPANEL_SMTP_URL runs, and that the platform can reach it."
}

/** A refused sender is how we are set up; what else is said of an envelope or a message is about that one message. */
const aboutMessage = (error: NodemailerError): boolean =>
  (error.code === "EENVELOPE" || error.code === "EMESSAGE") &&
  !(error.command === "MAIL FROM" && (error.responseCode ?? 0) >= 500)

/** What an unsuccessful sending means for the message. */
export const verdictOf = (error: NodemailerError): MailError => {
  const message = textOf(error)
  if (!aboutMessage(error)) return new MailUnavailable({ message, next: nextOf(error) })
  const permanent = (error.responseCode ?? 500) >= 500
  return permanent ? new MailRefused({ message }) : new MailDeferred({ message })
}
