import { describe, expect, it } from "vitest"
import { until } from "../../../test/lab/until.ts"
import { useScriptedFleet } from "../../test/useScriptedFleet.ts"
import { newOrganizationId } from "../domain/id.ts"
import { compareConfiguration } from "../domain/releases/configuration.ts"
import { listAudit } from "../store/Audit.ts"
import { findDeployment, findRelease, listReleases } from "../store/DeploymentViews.ts"
import { findService } from "../store/ServiceViews.ts"
import { createService } from "./requests/create.ts"
import { restartService, rollBack } from "./requests/existingRelease.ts"
import { forgetSecret } from "./requests/forgetSecret.ts"
import { updateService } from "./requests/update.ts"

/** Secret variables of a service, over a real database and workflow engine; worker and images are scripted. */

const organization = { id: newOrganizationId(), slug: "acme", name: "Acme", role: "owner" } as const
const other = { id: newOrganizationId(), slug: "other", name: "Other", role: "owner" } as const
const user = "somebody@example.com"
const source = { _tag: "expression", expression: "{ pkgs, ... }: pkgs.hello" } as const

const scene = useScriptedFleet()
const { run, everything, query, workloads } = scene

const serviceNow = async () => (await run(findService(organization.id, "web")))!
const ended = (number: number) =>
  until(
    `deployment ${number} to end`,
    async () => {
      await scene.worker.observe()
      const deployment = await run(findDeployment(organization.id, (await serviceNow()).id, number))
      return deployment?.finishedAt != null ? deployment : null
    },
    20,
  )
const release = async (number: number) =>
  (await run(findRelease(organization.id, (await serviceNow()).id, number)))!

/** What the one container that is left was started with. */
const variables = () =>
  until("one container", async () => {
    await scene.worker.observe()
    const placed = await workloads()
    return placed.length === 1 ? placed[0]!.environment : null
  })

const change = async (request: Parameters<typeof updateService>[3]) => {
  const { number } = await run(updateService(organization, user, "web", request))
  const deployment = await ended(number)
  expect(deployment.failure).toBeNull()
  return deployment
}
const back = async (number: number) => ended((await run(rollBack(organization, user, "web", number))).number)

const versions = async () => (await serviceNow()).secrets.map(({ name, version }) => `${name} ${version}`)

describe("a secret variable", () => {
  it("is what its container gets, and nobody is shown it, nor is it in clear anywhere", async () => {
    const request = { environment: { PLAIN: "seen" }, secrets: { TOKEN: "t0p-one" } }
    await run(createService(organization, user, { name: "web", source, ...request }))
    expect(await ended(1)).toMatchObject({ status: "live", secrets: [{ name: "TOKEN", version: 1 }] })
    expect(await variables()).toEqual({ PLAIN: "seen", TOKEN: "t0p-one" })
    const service = await serviceNow()
    expect(service).toMatchObject({
      environment: { PLAIN: "seen" },
      secrets: [{ name: "TOKEN", version: 1, setBy: user, setAt: expect.any(String), earlier: 0 }],
    })
    expect(await everything()).not.toContain("t0p-one")
  })

  it("gets another version with another value, without a build; not with the same one", async () => {
    expect(await change({ secrets: { TOKEN: "t0p-two" } })).toMatchObject({
      trigger: "configuration",
      release: 2,
    })
    expect(await variables()).toEqual({ PLAIN: "seen", TOKEN: "t0p-two" })
    expect(await change({ secrets: { TOKEN: "t0p-two" } })).toMatchObject({
      release: 2,
      receipt: { unchanged: true },
    })
    expect((await serviceNow()).secrets).toMatchObject([{ version: 2, earlier: 1 }])
  })

  it("is told as changed where releases are compared, and by no value", async () => {
    expect(compareConfiguration(await release(1), await release(2))).toEqual([
      { field: "secret", variable: "TOKEN", before: "version 1", after: "version 2" },
    ])
  })

  it("is none in clear besides, and a variable that becomes one is no more in the environment", async () => {
    await expect(
      run(updateService(organization, user, "web", { environment: { TOKEN: "clear" } })),
    ).rejects.toThrow("TOKEN is a secret variable")
    await change({ secrets: { PLAIN: "hidden" } })
    expect(await serviceNow()).toMatchObject({ environment: {} })
    expect(await variables()).toEqual({ PLAIN: "hidden", TOKEN: "t0p-two" })
    await change({ environment: { PLAIN: "seen" }, secrets: { PLAIN: null } })
    expect(await variables()).toEqual({ PLAIN: "seen", TOKEN: "t0p-two" })
    expect(await versions()).toEqual(["TOKEN 2"])
  })

  it("is of the version of then after a rollback, also where it was taken away since", async () => {
    await change({ secrets: { TOKEN: null } })
    expect(await variables()).toEqual({ PLAIN: "seen" })
    expect(await back(1)).toMatchObject({ secrets: [{ name: "TOKEN", version: 1 }] })
    expect(await variables()).toEqual({ PLAIN: "seen", TOKEN: "t0p-one" })
    await back(2)
    expect(await variables()).toEqual({ PLAIN: "seen", TOKEN: "t0p-two" })
  })

  it("whose other values were forgotten is as it is now after a rollback, which says so", async () => {
    await run(forgetSecret(organization, user, "web", "TOKEN"))
    expect((await serviceNow()).secrets).toMatchObject([{ version: 2, earlier: 0 }])
    expect((await run(listAudit(null)))[0]).toMatchObject({ actor: user, action: "service.secret-forgotten" })
    const { id } = await serviceNow()
    const told = (await run(listReleases(organization.id, id))).map(({ number, secretsOfNow }) => [
      number,
      ...secretsOfNow,
    ])
    // Release 3 has a secret PLAIN of its own, which is not what is forgotten here.
    expect(told).toEqual([[5], [4], [3], [2], [1, "TOKEN"]])
    expect(await back(1)).toMatchObject({ status: "live", secrets: [{ name: "TOKEN", version: 2 }] })
    expect(await variables()).toEqual({ PLAIN: "seen", TOKEN: "t0p-two" })
  })

  it("is forgotten by nobody else, and not while it is what serves", async () => {
    await expect(run(forgetSecret(other, user, "web", "TOKEN"))).rejects.toThrow("no service")
    for (const name of ["NONE", "constructor"])
      await expect(run(forgetSecret(organization, user, "web", name))).rejects.toThrow("no secret variable")
    await query(`update service set secrets = '{"TOKEN": 9}'`)
    await expect(run(forgetSecret(organization, user, "web", "TOKEN"))).rejects.toThrow("an earlier value")
    await query(`update service set secrets = '{"TOKEN": 2}'`)
  })

  it("that cannot be opened keeps its service from being started, and what serves serves on", async () => {
    await query(`update secret_variable set sealed = 'AAAA' || sealed where version = 2`)
    const { number } = await run(restartService(organization, user, "web"))
    expect(await ended(number)).toMatchObject({ status: "failed" })
    expect((await ended(number)).failure!.title).toContain("a secret's value is gone or cannot be opened")
    expect(await variables()).toEqual({ PLAIN: "seen", TOKEN: "t0p-two" })
    await query(`update secret_variable set sealed = substr(sealed, 5) where version = 2`)
  })

  it("is forgotten by itself with the last release that can be rolled back to with it", async () => {
    await change({ secrets: { TOKEN: "t0p-three" } })
    const kept = async () =>
      (
        await query(
          `select name, version from secret_variable where sealed is not null order by name, version`,
        )
      ).map(({ name, version }) => `${name} ${version}`)
    expect(await kept()).toEqual(["PLAIN 1", "TOKEN 2", "TOKEN 3"])
    // All releases of before have the one image.
    await query("update image set collected_at = now()")
    await change({ secrets: { OTHER: "x" } })
    await change({ secrets: { OTHER: "y" } })
    expect(await kept()).toEqual(["OTHER 1", "OTHER 2", "TOKEN 3"])
  })
})
