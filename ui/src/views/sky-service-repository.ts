import type { HookDelivery, Repository } from "@skypanel/contract/Repository"
import type { Service } from "@skypanel/contract/Service"
import { html, LitElement, nothing } from "lit"
import { customElement, property } from "lit/decorators.js"
import { Resource } from "../app/Resource.ts"
import { readDeliveries, readRepository } from "../data/repository.ts"
import "../elements/sky-hook-deliveries.ts"
import "../elements/sky-problem.ts"
import "../elements/sky-repository-credential.ts"
import "../elements/sky-repository-hook.ts"
import "../elements/sky-repository-poll.ts"
import "../elements/sky-skeleton.ts"
import { base } from "../style/base.ts"
import { repositoryStyle } from "../style/repository.ts"

interface Connection {
  readonly repository: Repository
  readonly deliveries: readonly HookDelivery[]
}

/** The repository of a service: credential, webhook, and what that delivered. Nothing where its source is none. */
@customElement("sky-service-repository")
export class SkyServiceRepository extends LitElement {
  @property({ attribute: false }) service!: Service
  @property() organization = ""

  private readonly connection = new Resource(this, {
    // Another URL is another repository.
    key: () =>
      this.service.source._tag === "git"
        ? ([this.organization, this.service.name, this.service.source.url] as const)
        : null,
    read: async ([organization, service], signal): Promise<Connection> => {
      const params = { organization, service }
      const [repository, deliveries] = await Promise.all([
        readRepository(params, signal),
        readDeliveries(params, signal),
      ])
      return { repository, deliveries }
    },
    on: (change, [, name]) => change.kind === "service" && (change.service ?? name) === name,
  })

  static override styles = [base, repositoryStyle]

  override render() {
    if (this.service.source._tag !== "git") return nothing
    const { value, problem } = this.connection
    return html`<section class="card stack" aria-labelledby="repository">
      <h2 id="repository">Repository</h2>
      <sky-problem .problem=${problem} retryable @retry=${() => this.connection.reload()}></sky-problem>
      ${value ? this.content(value) : problem ? nothing : html`<sky-skeleton .rows=${3} .height=${44}></sky-skeleton>`}
    </section>`
  }

  private content({ repository, deliveries }: Connection) {
    const of = { organization: this.organization, service: this.service.name }
    const put = ({ detail }: CustomEvent<Repository>) => {
      this.connection.put({ repository: detail, deliveries })
      this.connection.reload()
    }
    return html`<dl>
        <dt>URL</dt>
        <dd><code>${repository.url}</code></dd>
        <dt>Branch</dt>
        <dd>${repository.branch ?? "the default one"}</dd>
      </dl>
      <sky-repository-credential .repository=${repository} .of=${of} @repository=${put}></sky-repository-credential>
      <sky-repository-hook .repository=${repository} .of=${of} @repository=${put}></sky-repository-hook>
      <sky-repository-poll .repository=${repository} .of=${of} @repository=${put}></sky-repository-poll>
      ${
        repository.hook === null
          ? nothing
          : html`<h3>Deliveries</h3>
              <sky-hook-deliveries .deliveries=${deliveries} .of=${of}></sky-hook-deliveries>`
      }`
  }
}
