import { cpus, release, totalmem } from "node:os"
import { attempt } from "./processes.ts"

/** What the numbers were taken on, as one line. */
export const machine = async (dockerSocket: string | null): Promise<string> => {
  const [processor] = cpus()
  const version = async (command: string, ...args: ReadonlyArray<string>) =>
    (await attempt(command, args))?.trim().split("\n")[0] ?? "none"
  const docker =
    dockerSocket === null
      ? (/[\d.]+[^,]*/.exec(await version("dockerd", "--version"))?.[0] ?? "none")
      : await version(
          ...(["docker", "--host", `unix://${dockerSocket}`] as const),
          ...["version", "--format", "{{.Server.Version}}"],
        )
  const client = await version("docker", "--version")
  return [
    `${processor?.model.trim() ?? "unknown processor"}, ${cpus().length} cores`,
    `${(totalmem() / 2 ** 30).toFixed(0)} GiB memory`,
    `Linux ${release()}`,
    `Docker Engine ${docker} (client ${/[\d.]+/.exec(client)?.[0] ?? client})`,
    await version("nix", "--version"),
    `Node.js ${process.versions.node}`,
    new Date().toISOString().slice(0, 10),
  ].join(" · ")
}
