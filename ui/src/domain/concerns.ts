/** Whether what is wrong at a path of the request is wrong in that field of the form. */
export const concerns = (key: string, path: string): boolean => {
  if (key === "options") return path.startsWith("source.options")
  if (key === "variables") return path.startsWith("environment") || path.startsWith("secrets")
  if (key === "volumePath") return path === "volume.path"
  if (key === "volumeSize") return path === "volume.sizeBytes"
  if (key === "hasVolume") return path.startsWith("volume") || path === "replicas"
  if (key === "hasPort") return path === "port" || path === "healthPath"
  if (key === "memory" || key === "storage") return path === `resources.${key}Bytes`
  return path === key || path.endsWith(`.${key}`)
}
