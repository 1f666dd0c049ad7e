import { formatSize, parseSize } from "@skypanel/contract/Resources"
import type { Volume } from "@skypanel/contract/Volume"

/** The fields of a volume. What was typed stays when the volume is switched off. */
export interface VolumeForm {
  readonly hasVolume: boolean
  readonly volumePath: string
  readonly volumeSize: string
  readonly whenWorkerIsLost: Volume["whenWorkerIsLost"]
}

export const emptyVolume: VolumeForm = {
  hasVolume: false,
  volumePath: "/data",
  volumeSize: "1 GiB",
  whenWorkerIsLost: "wait",
}

export const volumeFields = (volume: Volume | null): VolumeForm =>
  volume === null
    ? emptyVolume
    : {
        hasVolume: true,
        volumePath: volume.path,
        volumeSize: formatSize(volume.sizeBytes),
        whenWorkerIsLost: volume.whenWorkerIsLost,
      }

/** The volume that the fields describe; null for none, undefined while a field holds no value. */
export const volumeOf = (form: VolumeForm): Volume | null | undefined => {
  if (!form.hasVolume) return null
  const sizeBytes = parseSize(form.volumeSize)
  if (sizeBytes === null) return undefined
  return { path: form.volumePath.trim(), sizeBytes, whenWorkerIsLost: form.whenWorkerIsLost }
}

export const whenLostTitle: Record<Volume["whenWorkerIsLost"], string> = {
  wait: "waits for its data",
  "start-empty": "starts elsewhere with an empty one",
}

/** A volume on one line, such as `/data, 1 GiB`. */
export const describeVolume = (volume: Volume): string => `${volume.path}, ${formatSize(volume.sizeBytes)}`
