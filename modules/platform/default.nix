# The control plane: page, API, registry, binary cache and the channel of the workers' agents, on one port; and the
# Swarm's manager.
{
  imports = [
    ../shared/engine.nix
    ./options.nix
    ./assertions.nix
    ./database.nix
    ./engine.nix
    ./firewall.nix
    ./service.nix
    ./settings.nix
  ];
}
