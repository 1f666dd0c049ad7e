import type { Worker } from "@skypanel/contract/Worker"
import { html, nothing, type TemplateResult } from "lit"
import { workerLook } from "../domain/looks.ts"
import { pathOf } from "../domain/paths.ts"
import { alertTitle, counted, useOf } from "../domain/workerUse.ts"
import { icon } from "../elements/icons.ts"
import "../elements/sky-bar.ts"
import "../elements/sky-state.ts"
import "../elements/sky-time.ts"

/** One worker in the table of all. `outdated`: another version of the agent is due. */
export const workerRow = (
  worker: Worker,
  outdated: boolean,
): TemplateResult => html`<tr class=${worker.state === "removed" ? "removed" : ""}>
  <td class="lead">
    <div>
      <a class="name" href=${pathOf({ view: "worker", worker: worker.name, tab: "overview" })}>${worker.name}</a>
      <div class="row wrap tags">
        ${worker.development ? html`<span class="tag">development</span>` : nothing}
        ${worker.region === null ? nothing : html`<span class="tag">${worker.region}</span>`}
        ${worker.roles.map((role) => html`<span class="tag">${role}</span>`)}
      </div>
    </div>
  </td>
  <td data-label="State">${stateOf(worker)}</td>
  ${usageOf(worker)}
  <td data-label="Runs" class="number nowrap">
    <div>
      ${counted(worker.instances, "instance")}
      ${worker.roles.includes("builder") ? html`<br />${counted(worker.builds, "build")}` : nothing}
    </div>
  </td>
  <td data-label="Heard" class="nowrap">
    <div class="fine">
      ${worker.lastHeartbeatAt === null ? "never" : html`<sky-time .at=${worker.lastHeartbeatAt}></sky-time>`}
      <div class="number ${outdated ? "old" : ""}">${worker.versions === null ? "–" : `agent ${worker.versions.agent}`}</div>
    </div>
  </td>
</tr>`

const stateOf = ({ state, stateSince, reason, alerts }: Worker) => html`<div class="state">
  <sky-state .look=${workerLook[state]}></sky-state>
  <sky-time class="fine" span .at=${stateSince}></sky-time>
  ${reason === "" ? nothing : html`<div class="fine reason">${reason}</div>`}
  ${alerts.map((alert) => html`<div class="fine alert">${icon("warning")} ${alertTitle[alert]}</div>`)}
</div>`

const usageOf = (worker: Worker) => {
  const uses = useOf(worker)
  return (["CPU", "Memory", "Disk"] as const).map((label, at) => {
    const use = uses[at]
    return html`<td data-label=${label} class="use">
        ${
          use
            ? html`<sky-bar
                label="${label} of ${worker.name}"
                .share=${use.share ?? 0}
                text=${use.text}
                .reserved=${use.reserved}
                .reservedText=${use.reservedText}
              ></sky-bar>`
            : "–"
        }
      </td>`
  })
}
