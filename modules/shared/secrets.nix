# Secrets are named by the path of a file. A path in the store is refused: everybody on the machine reads the store, and
# so does whoever its binary cache serves.
{ lib }:
{
  mkSecretFile =
    {
      description,
      example,
      ...
    }@attributes:
    lib.mkOption (
      {
        type = lib.types.nullOr lib.types.path;
        default = null;
        # Never interpolated as a path: that would put the file in the store.
        apply = lib.mapNullable toString;
      }
      // attributes
    );

  # Assertions for secrets by their options' names: { "services.skypanel.worker.tokenFile" = path or null; }
  notInStore = lib.mapAttrsToList (
    option: path: {
      assertion = path == null || !(lib.hasPrefix builtins.storeDir path);
      message = ''
        ${option} is ${toString path}, in the Nix store, where everybody can read it. Name a file outside of it by its
        absolute path as a string, such as "/var/lib/secrets/skypanel".
      '';
    }
  );
}
