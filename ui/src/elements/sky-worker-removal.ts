import type { Worker } from "@skypanel/contract/Worker"
import { css, html, LitElement } from "lit"
import { customElement, property, query } from "lit/decorators.js"
import { removeWorker } from "../data/workers.ts"
import { canWorker } from "../domain/canWorker.ts"
import { counted } from "../domain/workerUse.ts"
import { actions } from "../style/actions.ts"
import { base } from "../style/base.ts"
import { controls } from "../style/controls.ts"
import { actionButton } from "./action.ts"
import { fire } from "./events.ts"
import "./sky-confirm.ts"
import type { SkyConfirm } from "./sky-confirm.ts"

/** Removes a worker: in order, or by force when its machine is gone for good. */
@customElement("sky-worker-removal")
export class SkyWorkerRemoval extends LitElement {
  @property({ attribute: false }) worker!: Worker
  @query("#remove") private readonly confirmRemove!: SkyConfirm
  @query("#force") private readonly confirmForce!: SkyConfirm

  static override styles = [
    base,
    controls,
    actions,
    css`
      section {
        padding: 16px;
        border-color: color-mix(in srgb, var(--sky-bad) 40%, var(--sky-border));
      }
    `,
  ]

  override render() {
    const { worker } = this
    const { name } = worker
    return html`<section class="card stack" aria-labelledby="removal">
        <div class="stack">
          <div>
            <h2 id="removal">Remove this worker</h2>
            <p class="muted">
              It is drained first, so that no service notices; then it leaves the cluster and its identity is revoked.
              Its history stays.
            </p>
          </div>
          <div>${actionButton({
            title: "Remove",
            icon: "trash",
            whyNot: canWorker.remove(worker),
            run: () => this.confirmRemove.show(),
            danger: true,
          })}</div>
          <div>
            <h3>By force</h3>
            <p class="muted">For a machine that is gone for good. Nothing is waited for, and what only it has is lost.</p>
          </div>
          <div>${actionButton({
            title: "Remove by force",
            icon: "warning",
            whyNot: canWorker.removeByForce(worker),
            run: () => this.confirmForce.show(),
            danger: true,
          })}</div>
        </div>
      </section>
      <sky-confirm id="remove" heading="Remove ${name}?" verb="Remove the worker" dangerous name=${name} .run=${() => this.send(false)}>
        <p>
          Its ${counted(worker.instances, "instance")} are moved away, then it leaves the cluster and its identity is
          revoked. Adding the machine again makes a new worker.
        </p>
      </sky-confirm>
      <sky-confirm
        id="force"
        heading="Remove ${name} by force?"
        verb="Remove by force"
        dangerous
        name=${name}
        .run=${() => this.send(true)}
      >
        <p>
          <strong>Volumes that are only there are lost</strong>, and its ${counted(worker.instances, "instance")} end
          without a copy elsewhere where there is none yet. If the machine still runs, it can do nothing for the fleet
          any more.
        </p>
      </sky-confirm>`
  }

  private async send(force: boolean): Promise<void> {
    const { name } = this.worker
    const worker = await removeWorker(name, force)
    fire(this, "sky-notice", {
      tone: "good",
      text: worker.state === "removed" ? `${name} is removed.` : `${name} is being removed.`,
    })
    fire(this, "sky-go", { view: "worker", worker: name, tab: "overview" })
  }
}
