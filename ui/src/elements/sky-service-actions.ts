import type { Service } from "@skypanel/contract/Service"
import { html, LitElement } from "lit"
import { customElement, property, query, state } from "lit/decorators.js"
import { asProblem } from "../data/problem.ts"
import {
  deleteService,
  redeployService,
  restartService,
  startService,
  stopService,
} from "../data/services.ts"
import { can } from "../domain/can.ts"
import { actions } from "../style/actions.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { type Action, actionButton } from "./action.ts"
import { fire } from "./events.ts"
import "./sky-confirm.ts"
import type { SkyConfirm } from "./sky-confirm.ts"

/** The orders for a service; one that cannot be given now stays there and says why. */
@customElement("sky-service-actions")
export class SkyServiceActions extends LitElement {
  @property({ attribute: false }) service!: Service
  @property() organization = ""
  /** Only the order that deletes, for the settings. */
  @property({ type: Boolean }) only = false
  @state() private ordering: string | null = null
  @query("#delete") private readonly confirmDelete!: SkyConfirm
  @query("#stop") private readonly confirmStop!: SkyConfirm

  static override styles = [base, controls, actions]

  private actions(): readonly Action[] {
    const { service } = this
    const started =
      (title: string, told: string, send: typeof startService): Action["run"] =>
      () =>
        this.order(title, told, send)
    return [
      service.state === "stopped"
        ? {
            title: "Start",
            icon: "start",
            whyNot: can.start(service),
            run: started("Start", "is being started", startService),
          }
        : { title: "Stop", icon: "stop", whyNot: can.stop(service), run: () => this.confirmStop.show() },
      {
        title: "Restart",
        icon: "restart",
        whyNot: can.restart(service),
        run: started("Restart", "is being restarted", restartService),
      },
      {
        title: "Redeploy",
        icon: "redeploy",
        whyNot: can.redeploy(service),
        run: started("Redeploy", "is being redeployed", redeployService),
      },
      {
        title: "Delete",
        icon: "trash",
        whyNot: can.delete(service),
        run: () => this.confirmDelete.show(),
        danger: true,
      },
    ]
  }

  override render() {
    const { service } = this
    const offered = this.only ? this.actions().filter(({ danger }) => danger) : this.actions()
    return html`<div class="row wrap" role="group" aria-label="Actions">${offered.map((action) => this.button(action))}</div>
      <sky-confirm id="stop" heading="Stop ${service.name}?" verb="Stop the service" .run=${() => this.stop()}>
        <p>Its instances end and its address answers 503. Its releases stay; start it again at any time.</p>
      </sky-confirm>
      <sky-confirm
        id="delete"
        heading="Delete ${service.name}?"
        verb="Delete the service"
        dangerous
        name=${service.name}
        .run=${() => this.delete()}
      >
        <p>
          This stops it and deletes its releases, deployments and logs. It cannot be undone, and its address goes.
        </p>
      </sky-confirm>`
  }

  private button(action: Action) {
    const whyNot = this.ordering === action.title ? "It is being asked for." : action.whyNot
    return actionButton({ ...action, whyNot })
  }

  private async order(title: string, told: string, send: typeof startService): Promise<void> {
    this.ordering = title
    try {
      const { deployment, service } = await send(this.organization, this.service.name)
      fire(this, "sky-notice", {
        tone: "good",
        text: `${service.name} ${told}: deployment #${deployment.number}.`,
      })
      this.dispatchEvent(new Event("ordered"))
    } catch (error) {
      const problem = asProblem(error)
      fire(this, "sky-notice", { tone: "bad", text: `${problem.message} ${problem.next}` })
    } finally {
      this.ordering = null
    }
  }

  private async stop(): Promise<void> {
    await stopService(this.organization, this.service.name)
    fire(this, "sky-notice", { tone: "good", text: `${this.service.name} is being stopped.` })
    this.dispatchEvent(new Event("ordered"))
  }

  private async delete(): Promise<void> {
    await deleteService(this.organization, this.service.name)
    fire(this, "sky-notice", { tone: "good", text: `${this.service.name} is being deleted.` })
    fire(this, "sky-go", { view: "services", organization: this.organization })
  }
}
