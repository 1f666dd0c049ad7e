import { type DeploymentStatus, isFinished } from "@skypanel/contract/Deployment"
import type { Service, ServiceState } from "@skypanel/contract/Service"
import type { Session } from "@skypanel/contract/Session"

export type ServiceAction = "stop" | "start" | "restart" | "redeploy" | "rollBack" | "configure" | "delete"

/** In which states the platform accepts an order (its `deploy/requests.ts` decides; this mirrors it). */
const possibleIn = {
  stop: ["deploying", "live", "degraded", "failed"],
  start: ["stopped"],
  restart: ["live", "degraded"],
  redeploy: ["deploying", "live", "degraded", "failed", "stopped"],
  rollBack: ["deploying", "live", "degraded", "failed", "stopped"],
  configure: ["deploying", "live", "degraded", "failed", "stopped"],
  delete: ["deploying", "live", "degraded", "failed", "stopped"],
} satisfies Record<ServiceAction, readonly ServiceState[]>

const reasons: Record<ServiceAction, Partial<Record<ServiceState, string>>> = {
  stop: { stopped: "It is stopped already." },
  start: {
    live: "It runs already.",
    degraded: "It is meant to run already; restart it instead.",
    deploying: "Its first deployment is under way.",
    failed: "It has no release to start; redeploy it or change its configuration.",
  },
  restart: {
    stopped: "It is stopped; start it instead.",
    deploying: "Its first deployment is under way.",
    failed: "It has no release to restart; redeploy it or change its configuration.",
  },
  redeploy: {},
  rollBack: {},
  configure: {},
  delete: {},
}

/** Null when the service takes the order now, else why not, as a sentence for people. */
const whyNot =
  (action: ServiceAction) =>
  (service: Pick<Service, "state">): string | null => {
    const states: readonly ServiceState[] = possibleIn[action]
    if (states.includes(service.state)) return null
    if (service.state === "deleting") return "It is being deleted."
    return reasons[action][service.state] ?? `Not possible while it is ${service.state}.`
  }

/** Why an order cannot be given now; null when it can. */
export const can = {
  stop: whyNot("stop"),
  start: whyNot("start"),
  restart: whyNot("restart"),
  redeploy: whyNot("redeploy"),
  rollBack: whyNot("rollBack"),
  configure: whyNot("configure"),
  delete: (service: Pick<Service, "state" | "stack">): string | null =>
    service.stack === null ? whyNot("delete")(service) : `It is part of the stack ${service.stack}.`,
  cancel: (status: DeploymentStatus): string | null => (isFinished(status) ? "It has ended already." : null),
}

/** Templates of the organization, or everyone's (the platform's `deploy/templates/asker.ts` decides). */
export const mayManageTemplates = (session: Session, organization: string): boolean =>
  session.user.administrator ||
  session.organizations.some(({ slug, role }) => slug === organization && role !== "member")
