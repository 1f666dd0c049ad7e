import {
  type ArtifactPin,
  type ArtifactPlan,
  ArtifactPolicy,
  type ArtifactRun,
  type ArtifactStatus,
} from "@skypanel/contract/Artifacts"
import { PinRequest, type Repair } from "@skypanel/contract/api/ArtifactsGroup"
import { checked } from "./checked.ts"
import { call, client } from "./client.ts"

export const readArtifacts = (signal?: AbortSignal): Promise<ArtifactStatus> =>
  call(client.artifacts.get(), signal)

export const readArtifactPlan = (signal?: AbortSignal): Promise<ArtifactPlan> =>
  call(client.artifacts.plan(), signal)

export const setArtifactPolicy = async (policy: ArtifactPolicy): Promise<ArtifactStatus> =>
  call(client.artifacts.setPolicy({ payload: checked(ArtifactPolicy, policy) }))

export const collectArtifacts = (): Promise<ArtifactRun> => call(client.artifacts.collect())

export const verifyArtifacts = (): Promise<ArtifactRun> => call(client.artifacts.verify())

export const repairArtifacts = (): Promise<Repair> => call(client.artifacts.repair())

export const pinArtifact = async (request: PinRequest): Promise<readonly ArtifactPin[]> =>
  call(client.artifacts.pin({ payload: checked(PinRequest, request) }))

export const unpinArtifact = (pin: string): Promise<readonly ArtifactPin[]> =>
  call(client.artifacts.unpin({ params: { pin } }))
