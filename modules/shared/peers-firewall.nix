# Openings of the machine's firewall towards peers only, in whichever of NixOS' two firewalls is in use.
{ lib, nftables }:
{
  # Addresses and ranges.
  peers,
  tcp ? [ ],
  udp ? [ ],
}:
let
  isIPv6 = lib.hasInfix ":";
  protocols = lib.filterAttrs (_: ports: ports != [ ]) { inherit tcp udp; };
  forEach =
    line: lib.concatMapStrings (peer: lib.concatStrings (lib.mapAttrsToList (line peer) protocols)) (lib.unique peers);
  list = separator: lib.concatMapStringsSep separator toString;

  iptablesLine = peer: protocol: ports: ''
    ${if isIPv6 peer then "ip6tables" else "iptables"} -A nixos-fw -s ${peer} -p ${protocol} -m multiport --dports ${list "," ports} -j nixos-fw-accept
  '';
  nftablesLine = peer: protocol: ports: ''
    ${if isIPv6 peer then "ip6" else "ip"} saddr ${peer} ${protocol} dport { ${list ", " ports} } accept
  '';
in
if nftables then { extraInputRules = forEach nftablesLine; } else { extraCommands = forEach iptablesLine; }
