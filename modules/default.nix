# `nixosModules`: as paths, so that a module which is imported twice counts once.
{
  platform = ./platform;
  worker = ./worker;
  binary-cache = ./binary-cache;
  default = {
    imports = [
      ./platform
      ./worker
      ./binary-cache
    ];
  };
}
