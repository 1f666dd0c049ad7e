# What cannot be meant, said before anything is switched.
{
  config,
  lib,
  ...
}:
let
  cfg = config.services.skypanel.worker;
  platform = config.services.skypanel.platform or { enable = false; };
  builds = lib.elem "builder" cfg.roles;
  inherit (import ../shared/secrets.nix { inherit lib; }) notInStore;
in
{
  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = cfg.roles != [ ];
        message = ''
          services.skypanel.worker.roles is empty: a worker without a role does nothing. Give it "services", "builder",
          "ingress", or several of them.
        '';
      }
      {
        assertion = builds -> cfg.builder.npmRegistry != null;
        message = ''
          services.skypanel.worker.roles has "builder", and builder.npmRegistry is not set: Node.js services could not be
          built. Set it to the URL of the npm registry.
        '';
      }
      {
        assertion = platform.enable -> platform.port != cfg.endpoint.port;
        message = ''
          services.skypanel.worker.endpoint.port and services.skypanel.platform.port are both
          ${toString cfg.endpoint.port}: only one of the two could listen. Give them different ports.
        '';
      }
      {
        assertion = cfg.settings.SKYPANEL_ORIGIN == "nixos";
        message = ''
          services.skypanel.worker.settings.SKYPANEL_ORIGIN is "${toString cfg.settings.SKYPANEL_ORIGIN}": the platform would
          try to replace an agent that only this machine's configuration can replace. Take it out.
        '';
      }
      {
        assertion = builds -> config.nix.settings.sandbox == true;
        message = ''
          services.skypanel.worker.roles has "builder", and nix.settings.sandbox is not true: a build would see this machine.
          Turn it on, or take the role away.
        '';
      }
      {
        assertion = !(cfg.settings ? SKYPANEL_WORKER_TOKEN);
        message = ''
          services.skypanel.worker.settings has SKYPANEL_WORKER_TOKEN in it: settings are in the Nix store, where everybody
          can read them. Put the token in a file and name that in tokenFile.
        '';
      }
    ]
    ++ notInStore { "services.skypanel.worker.tokenFile" = cfg.tokenFile; };
  };
}
