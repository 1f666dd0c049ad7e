import { describe, expect, it } from "vitest"
import { emailOf } from "./email.ts"

const content = {
  id: "ntf_000000000000000000000000",
  title: "Worker web-1 does not answer.",
  body: "Its services are started elsewhere.\nSee that the machine is on.",
  worker: "web-1",
  path: null,
}
const url = "https://panel.example.com"

describe("the e-mail of a notification", () => {
  it("says it in the subject, and leads to the worker's page", () => {
    const message = emailOf(content, "admin@example.com", url)
    expect(message).toMatchObject({
      to: "admin@example.com",
      subject: "[SkyPanel] Worker web-1 does not answer.",
      messageId: "ntf_000000000000000000000000@panel.example.com",
    })
    expect(message.text).toBe(`Worker web-1 does not answer.

Its services are started elsewhere.
See that the machine is on.

Worker web-1: https://panel.example.com/workers/web-1

-- 
You get this from SkyPanel. Choose what you are sent:
https://panel.example.com/notifications
`)
    expect(message.html).toContain('<a href="https://panel.example.com/workers/web-1">')
    expect(message.html).toContain("Its services are started elsewhere.\nSee that the machine is on.")
  })

  it("leads to where more is", () => {
    const path = "/organizations/acme/services/web/deployments/7"
    const { html, text } = emailOf({ ...content, worker: null, path }, "a@b.example", url)
    expect(text).toContain(`\n\nMore: ${url}${path}\n\n-- \n`)
    expect(html).toContain(`<a href="${url}${path}">`)
  })

  it("leaves out what there is not", () => {
    const { html, text } = emailOf({ ...content, body: "", worker: null }, "a@b.example", url)
    expect(text.startsWith("Worker web-1 does not answer.\n\n-- \n")).toBe(true)
    expect(html).not.toContain("/workers/")
  })

  it("shows markup as it was written", () => {
    const attack = `<script>"'&</script>`
    const { html } = emailOf({ ...content, title: attack, body: attack }, "a@b.example", url)
    expect(html).not.toContain("<script>")
    expect(html).toContain("&lt;script&gt;&quot;&#39;&amp;&lt;/script&gt;")
  })
})
