import type { DeploymentTrigger } from "@skypanel/contract/Deployment"

export const triggerTitle: Record<DeploymentTrigger, string> = {
  deploy: "Deployed",
  redeploy: "Redeployed",
  push: "Pushed",
  configuration: "Configuration changed",
  rollback: "Rolled back",
  start: "Started",
  restart: "Restarted",
  return: "Returned",
}
