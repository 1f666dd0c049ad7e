/** Where the script puts things on a worker; `skypanel-agent uninstall` knows them too. */
export const places = {
  dataFolder: "/var/lib/skypanel",
  library: "/usr/local/lib/skypanel",
  cache: "/var/cache/skypanel",
  settings: "/etc/skypanel",
  tokenFile: "/var/lib/skypanel/token",
  dockerSocket: "/run/docker.sock",
  unit: "skypanel-agent.service",
  firewallUnit: "skypanel-firewall.service",
} as const
