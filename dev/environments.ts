import { dirname, join } from "node:path"
import { RUN_MARK } from "./run-leftovers.ts"
import type { Settings } from "./settings.ts"

export const checkout = dirname(import.meta.dirname)

export type Environment = Record<string, string>

export const platformEnvironment = (
  settings: Settings,
  databaseUrl: string,
  dockerSocket: string,
  npmRegistry: string,
): Environment => ({
  DATABASE_URL: databaseUrl,
  SKYPANEL_PORT: String(settings.port),
  SKYPANEL_HOST: "127.0.0.1",
  SKYPANEL_DATA: settings.data,
  SKYPANEL_SECRET: settings.secret,
  SKYPANEL_DOCKER_SOCKET: dockerSocket,
  SKYPANEL_ENDPOINT_PORT: String(settings.endpointPort),
  SKYPANEL_PUBLIC_URL: `http://localhost:${settings.port}`,
  SKYPANEL_ENDPOINT_DOMAIN: "localhost",
  SKYPANEL_ALLOW_PRIVATE_GIT: String(settings.allowPrivateGit),
  SKYPANEL_ADMIN_EMAIL: settings.adminEmail,
  SKYPANEL_ADMIN_PASSWORD: settings.adminPassword,
  SKYPANEL_BUCKET_URL: settings.bucketUrl,
  SKYPANEL_SMTP_URL: settings.smtpUrl,
  SKYPANEL_MAIL_FROM: settings.mailFrom,
  SKYPANEL_NPM_REGISTRY: npmRegistry,
  SKYPANEL_DEVELOPMENT: "true",
  SKYPANEL_UI: "sources",
  [RUN_MARK]: settings.data,
})

export const agentEnvironment = (
  settings: Settings,
  found: { readonly dockerSocket: string; readonly tokenFile: string; readonly npmRegistry: string },
): Environment => ({
  SKYPANEL_CONTROL_PLANE: `http://127.0.0.1:${settings.port}`,
  SKYPANEL_WORKER_NAME: settings.workerName,
  SKYPANEL_TOKEN_FILE: found.tokenFile,
  SKYPANEL_WORKER_ROLES: "services,builder,ingress",
  SKYPANEL_ORIGIN: "development",
  SKYPANEL_DATA: join(settings.data, "agent"),
  SKYPANEL_DOCKER_SOCKET: found.dockerSocket,
  SKYPANEL_ENDPOINT_PORT: String(settings.endpointPort),
  SKYPANEL_NIXPKGS: settings.nixpkgs,
  SKYPANEL_NPM_REGISTRY: found.npmRegistry,
  SKYPANEL_TEMPLATES: join(checkout, "templates"),
  SKYPANEL_EMBEDDED: join(checkout, "nixos/embedded"),
  SKYPANEL_ALLOW_PRIVATE_GIT: String(settings.allowPrivateGit),
  [RUN_MARK]: settings.data,
})
