# Secrets are named by paths outside of the store, and are in no unit's text.
{
  lib,
  machine,
  samples,
  refuses,
  accepts,
  check,
  ...
}:
let
  stored = "/nix/store/${lib.fixedWidthString 32 "0" ""}-source/token";
  inStore = option: "${option} is ${stored}, in the Nix store";
  withPlatform = more: [ samples.platform { services.skypanel.platform = more; } ];
  cache = more: [
    {
      services.skypanel.binaryCache = {
        enable = true;
        url = "https://panel.example.com/cache";
        publicKeys = [ "skypanel-1:4rUfUy0hZs3XbzXrSJCX5hG+Dyt3SkTJYIbcGfnoWKI=" ];
      }
      // more;
    }
  ];
  platform = (machine (withPlatform {
    mail = {
      smtpUrlFile = "/var/lib/secrets/smtp";
      from = "panel@example.com";
    };
  })).systemd.services.skypanel-platform;
in
[
  (refuses "a token in the store" (inStore "services.skypanel.worker.tokenFile") [
    samples.worker
    { services.skypanel.worker.tokenFile = lib.mkForce stored; }
  ])
  (refuses "a secret in the store" (inStore "services.skypanel.platform.secretFile") (withPlatform {
    secretFile = lib.mkForce stored;
  }))
  (refuses "a password in the store" (inStore "services.skypanel.platform.administrator.passwordFile") (withPlatform {
    administrator.passwordFile = lib.mkForce stored;
  }))
  (refuses "a database's URL in the store" (inStore "services.skypanel.platform.database.urlFile") (withPlatform {
    database = {
      createLocally = false;
      urlFile = stored;
    };
  }))
  (refuses "a mail server's URL in the store" (inStore "services.skypanel.platform.mail.smtpUrlFile") (withPlatform {
    mail = {
      smtpUrlFile = stored;
      from = "panel@example.com";
    };
  }))
  (refuses "a bucket's URL in the store" (inStore "services.skypanel.platform.artifacts.bucketUrlFile") (withPlatform {
    artifacts.bucketUrlFile = stored;
  }))
  (refuses "a netrc file in the store" (inStore "services.skypanel.binaryCache.netrcFile") (cache { netrcFile = stored; }))
  (accepts "a netrc file outside of the store" (cache { netrcFile = "/var/lib/secrets/netrc"; }))
  (refuses "secrets among the platform's settings" "SKYPANEL_SECRET, SKYPANEL_SMTP_URL in it" (withPlatform {
    settings = {
      SKYPANEL_SECRET = "x";
      SKYPANEL_SMTP_URL = "x";
    };
  }))
  (refuses "a password within a URL among the settings" "DATABASE_URL has a password in it" (withPlatform {
    settings.DATABASE_URL = "postgres://skypanel:password@db/skypanel";
  }))
  (refuses "a token among the agent's settings" "has SKYPANEL_WORKER_TOKEN in it" [
    samples.worker
    { services.skypanel.worker.settings.SKYPANEL_WORKER_TOKEN = "x"; }
  ])
  (check "secrets reach the platform as credentials, and their files are read when it starts"
    {
      inherit (platform.serviceConfig) LoadCredential;
      inherit (platform) script;
    }
    {
      LoadCredential = [
        "SKYPANEL_ADMIN_PASSWORD:/var/lib/secrets/administrator"
        "SKYPANEL_SECRET:/var/lib/secrets/secret"
        "SKYPANEL_SMTP_URL:/var/lib/secrets/smtp"
      ];
      script = ''
        SKYPANEL_ADMIN_PASSWORD=$(cat "$CREDENTIALS_DIRECTORY/SKYPANEL_ADMIN_PASSWORD")
        export SKYPANEL_ADMIN_PASSWORD
        SKYPANEL_SECRET=$(cat "$CREDENTIALS_DIRECTORY/SKYPANEL_SECRET")
        export SKYPANEL_SECRET
        SKYPANEL_SMTP_URL=$(cat "$CREDENTIALS_DIRECTORY/SKYPANEL_SMTP_URL")
        export SKYPANEL_SMTP_URL
        exec /nix/store/${lib.fixedWidthString 32 "0" ""}-skypanel-platform/bin/skypanel-platform
      '';
    }
  )
]
