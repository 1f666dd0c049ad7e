export interface From {
  /** Where the platform is, as the browser has it. */
  readonly origin: string
  readonly organization: string
  readonly service: string
  /** The command line takes this organization by itself. */
  readonly first: boolean
}

/** What brings a folder of one's own computer live, once and whenever it is run again. */
export const folderCommand = ({ service, organization, first }: From): string =>
  `skypanel deploy ${service} --dir .${first ? "" : ` --organization ${organization}`} --wait`

/** What sets a repository up, and what deploys it from then on. */
export const pushCommands = ({ service, organization, first }: From): readonly [string, string] => [
  `skypanel git remote ${service}${first ? "" : ` --organization ${organization}`}`,
  "git push skypanel main",
]

/** The service's own remote, for whoever sets it up without the command line. */
export const remoteOf = ({ origin, organization, service }: From): string =>
  `${origin}/git/${organization}/${service}.git`
