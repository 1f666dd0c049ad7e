import type { Fleet } from "@skypanel/contract/Fleet"
import type { Worker } from "@skypanel/contract/Worker"
import { html, LitElement, nothing } from "lit"
import { customElement, property, query, state } from "lit/decorators.js"
import { asProblem } from "../data/problem.ts"
import { drainWorker, moveServices, readmitWorker, removeWorker, undrainWorker } from "../data/workers.ts"
import { canWorker } from "../domain/canWorker.ts"
import { counted } from "../domain/workerUse.ts"
import { actions } from "../style/actions.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { type Action, actionButton } from "./action.ts"
import { fire } from "./events.ts"
import "./sky-confirm.ts"
import type { SkyConfirm } from "./sky-confirm.ts"

/** The orders for a worker; one that cannot be given now stays there and says why. */
@customElement("sky-worker-actions")
export class SkyWorkerActions extends LitElement {
  @property({ attribute: false }) worker!: Worker
  /** While it holds, services are moved only against it. */
  @property({ attribute: false }) brake: Fleet["brake"] = null
  @state() private ordering: string | null = null
  @query("#drain") private readonly confirmDrain!: SkyConfirm
  @query("#move") private readonly confirmMove!: SkyConfirm
  @query("#remove") private readonly confirmRemove!: SkyConfirm

  static override styles = [base, controls, actions]

  private actions(): readonly Action[] {
    const { worker } = this
    const { name } = worker
    return [
      this.drainOrBack(),
      {
        title: "Move its services now",
        icon: "move",
        whyNot: canWorker.moveServices(worker),
        run: () => this.confirmMove.show(),
      },
      {
        title: "Readmit",
        icon: "check",
        whyNot: canWorker.readmit(worker),
        run: () => this.order("Readmit", `${name} is readmitted.`, readmitWorker),
      },
      {
        title: "Remove…",
        icon: "trash",
        whyNot: canWorker.remove(worker),
        run: () => this.confirmRemove.show(),
        danger: true,
      },
    ]
  }

  private drainOrBack(): Action {
    const { worker } = this
    const { name } = worker
    if (worker.availability !== "drain")
      return {
        title: "Drain",
        icon: "drain",
        whyNot: canWorker.drain(worker),
        run: () => this.confirmDrain.show(),
      }
    const [title, told] =
      worker.state === "drained"
        ? ["Bring back", `${name} takes services again.`]
        : ["Stop draining", `${name} is not drained any more.`]
    return {
      title,
      icon: "start",
      whyNot: canWorker.undrain(worker),
      run: () => this.order(title, told, undrainWorker),
    }
  }

  override render() {
    return html`<div class="row wrap" role="group" aria-label="Actions">
        ${this.actions().map((action) =>
          actionButton(
            this.ordering === action.title ? { ...action, whyNot: "It is being asked for." } : action,
          ),
        )}
      </div>
      ${this.questions()}`
  }

  private questions() {
    const { name, instances } = this.worker
    return html`<sky-confirm id="drain" heading="Drain ${name}?" verb="Drain" .run=${() => this.confirmed(drainWorker, `${name} is being drained.`)}>
        <p>
          Its ${counted(instances, "instance")} are started elsewhere first, and end here when the new ones are healthy.
          It takes nothing new until it is brought back. A drain can be stopped at any time.
        </p>
      </sky-confirm>
      <sky-confirm
        id="move"
        heading="Move the services of ${name}?"
        verb=${this.brake === null ? "Move its services" : "Move them all the same"}
        ?dangerous=${this.brake !== null}
        .run=${() =>
          this.confirmed(
            (worker) => moveServices(worker, this.brake !== null),
            `The services of ${name} are being started elsewhere.`,
          )}
      >
        ${
          this.brake === null
            ? nothing
            : html`<p>
                <strong>The brake holds:</strong> ${this.brake.silent} of ${this.brake.of} workers are silent. Move only
                when you know that this machine is gone; else its services may run twice for a while.
              </p>`
        }
        <p>What runs there is started on other workers at once. Services with a volume move only if they may start empty.</p>
      </sky-confirm>
      <sky-confirm
        id="remove"
        heading="Remove ${name}?"
        verb="Remove the worker"
        dangerous
        name=${name}
        .run=${() => this.confirmed((worker) => removeWorker(worker, false), `${name} is being removed.`)}
      >
        <p>
          It is drained, leaves the cluster, and its identity is revoked; its history stays. Adding the machine again
          makes a new worker.
        </p>
        ${
          canWorker.removeByForce(this.worker) === null
            ? html`<p>It does not answer, so a drain may never end. Under Settings it can be removed by force.</p>`
            : nothing
        }
      </sky-confirm>`
  }

  private async confirmed(send: (worker: string) => Promise<Worker>, told: string): Promise<void> {
    const worker = await send(this.worker.name)
    fire(this, "sky-notice", { tone: "good", text: told })
    this.dispatchEvent(new CustomEvent("ordered", { detail: worker }))
  }

  private async order(title: string, told: string, send: (worker: string) => Promise<Worker>): Promise<void> {
    this.ordering = title
    try {
      await this.confirmed(send, told)
    } catch (error) {
      const problem = asProblem(error)
      fire(this, "sky-notice", { tone: "bad", text: `${problem.message} ${problem.next}` })
    } finally {
      this.ordering = null
    }
  }
}
