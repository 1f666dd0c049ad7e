# PostgreSQL on this machine, for a user that owns one database and may create roles: row-level security is by a role.
{
  config,
  lib,
  ...
}:
let
  cfg = config.services.skypanel.platform;
in
{
  config = lib.mkIf (cfg.enable && cfg.database.createLocally) {
    services.postgresql = {
      enable = true;
      ensureDatabases = [ "skypanel" ];
      ensureUsers = [
        {
          name = "skypanel";
          ensureDBOwnership = true;
          ensureClauses.createrole = true;
        }
      ];
    };
    systemd.services.skypanel-platform = {
      requires = [ "postgresql.target" ];
      after = [ "postgresql.target" ];
    };
  };
}
