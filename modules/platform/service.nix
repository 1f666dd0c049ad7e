# The platform's unit.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.skypanel.platform;
  settings = import ../shared/settings.nix { inherit lib; } cfg.settings;

  # Environment variables, and the files that hold their values.
  secrets = lib.filterAttrs (_: file: file != null) {
    SKYPANEL_SECRET = cfg.secretFile;
    SKYPANEL_ADMIN_PASSWORD = cfg.administrator.passwordFile;
    SKYPANEL_SMTP_URL = cfg.mail.smtpUrlFile;
    SKYPANEL_BUCKET_URL = cfg.artifacts.bucketUrlFile;
    DATABASE_URL = cfg.database.urlFile;
  };
in
{
  config = lib.mkIf cfg.enable {
    users.users.skypanel = {
      isSystemUser = true;
      group = "skypanel";
      description = "SkyPanel's platform";
    };
    users.groups.skypanel = { };

    systemd.services.skypanel-platform = {
      description = "SkyPanel's platform";
      wantedBy = [ "multi-user.target" ];
      wants = [ "network-online.target" ];
      # Not `requires`: while the engine is down the page says so, and services go on.
      after = [
        "network-online.target"
        "docker.service"
      ];
      # A percent sign begins one of systemd's own words.
      environment = lib.mapAttrs (_: lib.replaceStrings [ "%" ] [ "%%" ]) settings;
      startLimitIntervalSec = 0;

      # systemd puts the files where this service alone can read them; from there they go into its own environment.
      script = ''
        ${lib.concatStrings (
          lib.mapAttrsToList (name: _: ''
            ${name}=$(cat "$CREDENTIALS_DIRECTORY/${name}")
            export ${name}
          '') secrets
        )}exec ${lib.getExe cfg.package}
      '';

      serviceConfig = import ../shared/hardening.nix // {
        User = "skypanel";
        Group = "skypanel";
        # Who may use the engine's socket is root on this machine: the platform starts containers with it.
        SupplementaryGroups = [ "docker" ];
        # The engine's socket takes group and user as this machine knows them.
        PrivateUsers = false;
        LoadCredential = lib.mapAttrsToList (name: file: "${name}:${file}") secrets;
        StateDirectory = "skypanel-platform";
        StateDirectoryMode = "0700";
        Restart = "always";
        RestartSec = 2;
        TimeoutStopSec = 30;
      };
    };
  };
}
