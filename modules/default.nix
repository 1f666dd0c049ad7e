# `nixosModules`. Each imports a path, so that a module which is imported twice counts once.
let
  module = path: { imports = [ path ]; };
in
{
  platform = module ./platform;
  worker = module ./worker;
  binary-cache = module ./binary-cache;
  default = {
    imports = [
      ./platform
      ./worker
      ./binary-cache
    ];
  };
}
