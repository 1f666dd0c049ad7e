import type { DeploymentFailure } from "@skypanel/contract/Deployment"
import type { PartSettings } from "@skypanel/contract/Stack"
import type { TemplateDefinition } from "@skypanel/contract/Template"
import type { TemplateOption } from "@skypanel/contract/TemplateOptions"
import { beforeAll, describe, expect, it } from "vitest"
import { until } from "../../../../test/lab/until.ts"
import { useScriptedFleet } from "../../../test/useScriptedFleet.ts"
import { newOrganizationId } from "../../domain/id.ts"
import { findService } from "../../store/ServiceViews.ts"
import { findStack } from "../../store/StackViews.ts"
import { updateService } from "../requests/update.ts"
import { addTemplate } from "../templates/add.ts"
import { publishVersion, validateVersion } from "../templates/change.ts"
import { templateHistory } from "../templates/views.ts"
import { deleteStack, rollBackStack, updateStack } from "./change.ts"
import { createStack } from "./create.ts"

/** Secret options of a template that a stack's service is set to, over a real database and workflow engine. */

const organization = { id: newOrganizationId(), slug: "acme", name: "Acme", role: "owner" } as const
const user = "somebody@example.com"

const option = (name: string, type: TemplateOption["type"], variable: string | null): TemplateOption => ({
  ...{ name, label: name, description: "", type, variable, required: type === "secret" },
  ...{ default: null, choices: [], min: null, max: null },
})
const wiki: TemplateDefinition = {
  ...{ title: "Wiki", description: "A wiki.", category: "web", icon: "", expression: "the wiki" },
  ...{ port: 8080, healthPath: "/health", environment: [] },
  resources: { cpu: 0.25, memoryBytes: 2 ** 28, storageBytes: 2 ** 26 },
  options: [option("key", "secret", "WIKI_KEY"), option("log", "text", "LOG")],
}
const made = (options: Record<string, string>): PartSettings => ({
  source: { _tag: "template", template: "wiki", options },
})

const scene = useScriptedFleet()
const { run } = scene

beforeAll(async () => {
  const asker = { organization, email: user, administrator: false }
  await run(addTemplate(asker, { name: "wiki", everyone: false, definition: wiki }))
  await run(validateVersion(asker, "wiki", 1))
  await until("the template's trial", async () => {
    await scene.worker.observe()
    return (await run(templateHistory(asker, "wiki"))).versions[0]?.state === "valid" || null
  })
  await run(publishVersion(asker, "wiki", 1))
})

const update = (web: PartSettings) => run(updateStack(organization, user, "shop", { services: { web } }))
const ended = (number: number) =>
  until(
    `revision ${number} to end`,
    async () => {
      await scene.worker.observe()
      const stack = await run(findStack(organization.id, "shop"))
      const revision = stack?.revisions.find((one) => one.number === number)
      return revision?.finishedAt != null ? { stack: stack!, revision } : null
    },
    20,
  )
const live = async (number: number) => {
  const { stack, revision } = await ended(number)
  expect(revision).toMatchObject({ status: "live", failure: null })
  return stack
}
const web = async () => (await run(findService(organization.id, "shop-web")))!
const versions = async () => (await web()).secrets.map(({ name, version }) => `${name} ${version}`)
const waiting = () => scene.query("select key, name from stack_secret_variable")

/** What the one container of the service was started with. */
const variables = () =>
  until("one container of the service", async () => {
    await scene.worker.observe()
    const own = (await scene.workloads()).filter(({ serviceName }) => serviceName === "shop-web")
    return own.length === 1 ? own[0]!.environment : null
  })

/** Builds fail until what it gives is called. */
const breaking = () => {
  const { script } = scene.worker
  const failure: DeploymentFailure = {
    ...{ step: "building", code: "evaluation-syntax", title: "A brace is missing." },
    ...{ detail: "", next: "", lines: [], location: null },
  }
  const broken = { phase: "failed", result: null, failure } as const
  scene.worker.script = {
    ...script,
    builds: (desired) => script.builds(desired).map((build) => ({ ...build, ...broken })),
  }
  return () => {
    scene.worker.script = script
  }
}

describe("a secret option of a stack's service", () => {
  it("is needed where the template needs it, and given once", async () => {
    const create = (web: PartSettings) =>
      run(createStack(organization, user, { name: "shop", template: "web-postgres", services: { web } }))
    await expect(create(made({}))).rejects.toThrow("key: this is needed")
    const twice = { ...made({ key: "t0p-one" }), environment: { WIKI_KEY: "t0p-one" } }
    await expect(create(twice)).rejects.toThrow("WIKI_KEY: a secret option of the template sets it")
    expect(await scene.query("select 1 from stack")).toEqual([])
  })

  it("is a secret variable of it, and in clear nowhere, also while it waits for its service", async () => {
    const mend = breaking()
    const services = { web: made({ key: "t0p-one", log: "debug" }) }
    await run(createStack(organization, user, { name: "shop", template: "web-postgres", services }))
    await ended(1)
    expect(await waiting()).toEqual([{ key: "web", name: "WIKI_KEY" }])
    expect(await scene.everything()).not.toContain("t0p-one")
    mend()
    await run(updateStack(organization, user, "shop", {}))
    const stack = await live(2)
    expect(await waiting()).toEqual([])
    expect(await variables()).toMatchObject({ WIKI_KEY: "t0p-one", LOG: "debug" })
    expect((await web()).environment).toMatchObject({ LOG: "debug" })
    expect(await versions()).toEqual(["WIKI_KEY 1"])
    expect(JSON.stringify(stack)).not.toContain("t0p-one")
    expect(await scene.everything()).not.toContain("t0p-one")
  })

  it("gets another version with another value alone, and none where it is not given", async () => {
    await update(made({ key: "t0p-two" }))
    expect((await live(3)).revisions[0]!.steps).toMatchObject([
      { key: "db", state: "unchanged" },
      { key: "web", state: "live" },
    ])
    expect(await variables()).toMatchObject({ WIKI_KEY: "t0p-two" })
    // It is there, so that nobody has to give it again.
    await update({ ...made({}), replicas: 2 })
    await live(4)
    await update({ replicas: 1 })
    await live(5)
    expect(await versions()).toEqual(["WIKI_KEY 2"])
  })

  it("stays what somebody set it to on the service itself", async () => {
    await run(updateService(organization, user, "shop-web", { secrets: { WIKI_KEY: "t0p-three" } }))
    await until("the service to have it", async () => {
      await scene.worker.observe()
      const { deployment, secrets } = await web()
      return (deployment?.status === "live" && secrets[0]?.version === 3) || null
    })
    await update({ healthPath: "/ready" })
    await live(6)
    expect(await variables()).toMatchObject({ WIKI_KEY: "t0p-three" })
  })

  it("is of the version of then after a rollback, and what was not set by then never is", async () => {
    const mend = breaking()
    await run(
      updateStack(organization, user, "shop", {
        services: {
          db: { source: { _tag: "expression", expression: "another" } },
          web: made({ key: "t0p-four" }),
        },
      }),
    )
    expect((await ended(7)).revision).toMatchObject({ status: "failed" })
    expect(await waiting()).toEqual([{ key: "web", name: "WIKI_KEY" }])
    mend()
    await run(rollBackStack(organization, user, "shop", 2))
    await live(8)
    expect(await versions()).toEqual(["WIKI_KEY 1"])
    expect(await variables()).toMatchObject({ WIKI_KEY: "t0p-one" })
    expect(await waiting()).toEqual([])
  })

  it("that the platform cannot open fails its step, and is given anew", async () => {
    const mend = breaking()
    await run(
      updateStack(organization, user, "shop", {
        services: {
          db: { source: { _tag: "expression", expression: "broken" } },
          web: made({ key: "t0p-five" }),
        },
      }),
    )
    await ended(9)
    mend()
    await scene.query("update stack_secret_variable set sealed = 'AAAA' || sealed")
    await run(updateStack(organization, user, "shop", {}))
    expect((await ended(10)).revision.failure).toMatchObject({
      key: "web",
      title: "The platform does not have the key any more that WIKI_KEY was sealed with.",
    })
    await update(made({ key: "t0p-six" }))
    await live(11)
    expect(await variables()).toMatchObject({ WIKI_KEY: "t0p-six" })
  })

  it("goes with its stack", async () => {
    await run(deleteStack(organization, "shop", "delete"))
    await until("the stack to go", async () => {
      await scene.worker.observe()
      return (await run(findStack(organization.id, "shop"))) === null || null
    })
    expect(await scene.query("select 1 from secret_variable")).toEqual([])
    expect(await scene.everything()).not.toContain("t0p-")
  })
})
