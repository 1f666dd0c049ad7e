import type { StackService } from "@skypanel/contract/Stack"
import { css, html, LitElement, svg } from "lit"
import { customElement, property } from "lit/decorators.js"
import { serviceLook, stackStepLook } from "../domain/looks.ts"
import { pathOf } from "../domain/paths.ts"
import { graphOf, type Node } from "../domain/stackGraph.ts"
import type { DrawnPart } from "../domain/stackText.ts"
import { base } from "../style/base.ts"
import "./sky-state.ts"

const width = 180
const height = 64
const gapX = 56
const gapY = 20

const left = ({ column }: Node) => column * (width + gapX)
const top = ({ row }: Node) => row * (height + gapY)

type GraphPart = StackService | DrawnPart

/** A stack as a small picture: each service, right of those that it needs, with its state. */
@customElement("sky-stack-graph")
export class SkyStackGraph extends LitElement {
  @property() organization = ""
  @property({ attribute: false }) services: readonly GraphPart[] = []
  /** Of a stack that is not deployed: its services have no states, and lead nowhere. */
  @property({ type: Boolean }) plain = false

  static override styles = [
    base,
    css`
      :host {
        display: block;
      }
      .picture {
        position: relative;
      }
      svg {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
      }
      path {
        fill: none;
        stroke: var(--sky-border-strong);
        stroke-width: 1.5;
      }
      li {
        position: absolute;
        display: grid;
        align-content: center;
        gap: 4px;
        padding: 8px 12px;
        overflow: hidden;
      }
      .name {
        font-weight: 600;
        white-space: nowrap;
      }
      .title {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
    `,
  ]

  override render() {
    const { nodes, edges, columns, rows } = graphOf(this.services)
    const size = `width:${columns * (width + gapX) - gapX}px;height:${rows * (height + gapY) - gapY}px`
    return html`<div class="picture" style=${size}>
      <svg aria-hidden="true">
        ${edges.map(({ from, to }) => {
          const x = left(to) + width
          const y = top(to) + height / 2
          const endX = left(from)
          const endY = top(from) + height / 2
          const middle = (x + endX) / 2
          return svg`<path d="M${x} ${y}C${middle} ${y} ${middle} ${endY} ${endX} ${endY}" />`
        })}
      </svg>
      <ul>
        ${nodes.map((node) => this.node(node, this.services.find(({ key }) => key === node.key)!))}
      </ul>
    </div>`
  }

  private node(node: Node, service: GraphPart) {
    const place = `left:${left(node)}px;top:${top(node)}px;width:${width}px;height:${height}px`
    if (this.plain)
      return html`<li class="card" style=${place}>
        <span class="name">${service.key}</span>
        <span class="title small muted">${service.title}</span>
      </li>`
    return this.deployed(place, service as StackService)
  }

  private deployed(place: string, service: StackService) {
    const look = service.state === null ? stackStepLook.waiting : serviceLook[service.state]
    const href = pathOf({
      view: "service",
      organization: this.organization,
      service: service.name,
      tab: "overview",
    })
    const needs = service.needs.length === 0 ? "" : `, needs ${service.needs.join(" and ")}`
    return html`<li class="card" style=${place}>
      ${
        service.state === null
          ? html`<span class="name">${service.key}</span>`
          : html`<a class="name" href=${href} aria-label="${service.key}${needs}">${service.key}</a>`
      }
      <sky-state bare .look=${look}></sky-state>
    </li>`
  }
}
