# A worker: a machine that runs customers' services, builds them, or takes their visitors' requests.
{
  imports = [
    ../shared/engine.nix
    ./options.nix
    ./assertions.nix
    ./agent.nix
    ./boot-rules.nix
    ./builder.nix
    ./engine.nix
    ./firewall.nix
    ./leftovers.nix
    ./settings.nix
  ];
}
