# What cannot be meant, said before anything is switched.
{
  config,
  lib,
  ...
}:
let
  cfg = config.services.skypanel.platform;
  inherit (import ../shared/secrets.nix { inherit lib; }) notInStore;
  # In settings, secrets would be in the store.
  secretSettings = lib.intersectLists (lib.attrNames cfg.settings) [
    "SKYPANEL_ADMIN_PASSWORD"
    "SKYPANEL_SECRET"
    "SKYPANEL_SMTP_URL"
    "SKYPANEL_BUCKET_URL"
  ];
  databaseUrl = cfg.settings.DATABASE_URL;
in
{
  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = cfg.secretFile != null;
        message = ''
          services.skypanel.platform.secretFile is not set: nothing could be signed. Make a file with `openssl rand -hex 32`
          and name it there.
        '';
      }
      {
        assertion = cfg.administrator.passwordFile != null;
        message = ''
          services.skypanel.platform.administrator.passwordFile is not set: nobody could sign in. Name a file that holds the
          first password.
        '';
      }
      {
        assertion = cfg.database.createLocally != (cfg.database.urlFile != null);
        message = ''
          services.skypanel.platform.database: set either createLocally, or createLocally = false and urlFile.
        '';
      }
      {
        assertion = (cfg.mail.smtpUrlFile != null) == (cfg.mail.from != null);
        message = ''
          services.skypanel.platform.mail: smtpUrlFile and from belong together. Set both, or neither for no e-mail.
        '';
      }
      {
        assertion = cfg.peers != [ ] -> cfg.swarm.address != null;
        message = ''
          services.skypanel.platform.peers names workers, and swarm.address is not set: they could not join. Set it to the
          address at which they reach this machine.
        '';
      }
      {
        assertion = secretSettings == [ ];
        message = ''
          services.skypanel.platform.settings has ${lib.concatStringsSep ", " secretSettings} in it: settings are in the Nix
          store, where everybody can read them. Use the options that name files.
        '';
      }
      {
        assertion = databaseUrl == null || builtins.match ".*://[^/@]*:[^/@]+@.*" databaseUrl == null;
        message = ''
          services.skypanel.platform.settings.DATABASE_URL has a password in it: settings are in the Nix store, where
          everybody can read them. Put the URL in a file and name that in database.urlFile.
        '';
      }
    ]
    ++ notInStore {
      "services.skypanel.platform.secretFile" = cfg.secretFile;
      "services.skypanel.platform.administrator.passwordFile" = cfg.administrator.passwordFile;
      "services.skypanel.platform.database.urlFile" = cfg.database.urlFile;
      "services.skypanel.platform.mail.smtpUrlFile" = cfg.mail.smtpUrlFile;
      "services.skypanel.platform.artifacts.bucketUrlFile" = cfg.artifacts.bucketUrlFile;
    };
  };
}
