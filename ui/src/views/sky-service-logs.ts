import type { Service } from "@skypanel/contract/Service"
import { css, html, LitElement } from "lit"
import { customElement, property } from "lit/decorators.js"
import { LogFollow } from "../app/LogFollow.ts"
import { followServiceLogs } from "../data/services.ts"
import "../elements/sky-log.ts"
import { base } from "../style/base.ts"

/** What a service prints, as it prints it. */
@customElement("sky-service-logs")
export class SkyServiceLogs extends LitElement {
  @property({ attribute: false }) service!: Service
  @property() organization = ""

  private readonly log = new LogFollow(
    this,
    () => [this.organization, this.service.name] as const,
    (key, follower) => followServiceLogs(...key, follower),
  )

  static override styles = [
    base,
    css`
      sky-log {
        --sky-log-height: max(320px, calc(100dvh - 290px));
      }
    `,
  ]

  override render() {
    return html`<sky-log
      origins
      .buffer=${this.log.buffer}
      .live=${this.log.live}
      name=${this.service.name}
      waiting=${this.service.state === "stopped" ? "It is stopped, and prints nothing." : "Nothing has been printed yet."}
    ></sky-log>`
  }
}
