# What every machine needs that is no business of SkyPanel. Replace it by what `nixos-generate-config` wrote for yours.
{
  nixpkgs.hostPlatform = "x86_64-linux";
  system.stateVersion = "26.05";

  boot.loader.systemd-boot.enable = true;
  boot.loader.efi.canTouchEfiVariables = true;
  fileSystems."/" = {
    device = "/dev/disk/by-label/nixos";
    fsType = "ext4";
  };
  fileSystems."/boot" = {
    device = "/dev/disk/by-label/boot";
    fsType = "vfat";
  };

  services.openssh = {
    enable = true;
    settings.PasswordAuthentication = false;
  };
}
