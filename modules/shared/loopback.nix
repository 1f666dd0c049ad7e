# Whether only this machine itself reaches an address.
{ lib }: address: lib.hasPrefix "127." address || address == "::1"
