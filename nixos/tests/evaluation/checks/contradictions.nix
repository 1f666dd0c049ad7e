# What cannot be meant is refused, by name, with what to do about it.
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
  worker = more: [ samples.worker { services.skypanel.worker = more; } ];
  platform = more: [ samples.platform { services.skypanel.platform = more; } ];
  isTyped =
    option: value:
    (builtins.tryEval (builtins.deepSeq (machine (worker option)).services.skypanel.worker.${value} true)).success;
in
[
  (accepts "a worker" [ samples.worker ])
  (accepts "a builder" [ samples.builder ])
  (accepts "a control plane" [ samples.platform ])
  (accepts "everything on one machine" [
    samples.worker
    samples.platform
  ])

  (refuses "a worker without a role" "roles is empty" (worker { roles = [ ]; }))
  (refuses "a builder without an npm registry" "builder.npmRegistry is not set" (worker { roles = [ "builder" ]; }))
  (refuses "a builder without a sandbox" "nix.settings.sandbox is not true" [
    samples.builder
    { nix.settings.sandbox = lib.mkForce false; }
  ])
  (refuses "proxy and platform on one port" "are both 8080" [
    samples.worker
    samples.platform
    { services.skypanel.worker.endpoint.port = 8080; }
  ])
  (refuses "an agent that the platform would replace" "SKYPANEL_ORIGIN is \"bundle\"" (worker {
    settings.SKYPANEL_ORIGIN = "bundle";
  }))
  (refuses "live-restore" "live-restore is on" [
    samples.worker
    { virtualisation.docker.daemon.settings.live-restore = lib.mkForce true; }
  ])
  (refuses "a bridge of the engine as a trusted interface" "trustedInterfaces has a bridge" [
    samples.worker
    { networking.firewall.trustedInterfaces = [ "docker0" ]; }
  ])
  (refuses "a Swarm that everybody reaches" "networking.firewall.enable is off" [
    samples.worker
    { networking.firewall.enable = false; }
  ])
  (accepts "the same where another firewall stands before it" (
    worker { openFirewall = false; } ++ [ { networking.firewall.enable = false; } ]
  ))
  (refuses "a firewall whose reload takes the engine's rules away" "flushRuleset is on" [
    samples.worker
    {
      networking.nftables = {
        enable = true;
        flushRuleset = true;
      };
    }
  ])

  (refuses "a control plane without a secret" "secretFile is not set" (platform { secretFile = lib.mkForce null; }))
  (refuses "a control plane that nobody can sign in to" "passwordFile is not set" (platform {
    administrator.passwordFile = lib.mkForce null;
  }))
  (refuses "two databases" "set either createLocally" (platform { database.urlFile = "/var/lib/secrets/database"; }))
  (refuses "no database" "set either createLocally" (platform { database.createLocally = false; }))
  (refuses "mail that comes from nobody" "smtpUrlFile and from belong together" (platform {
    mail.smtpUrlFile = "/var/lib/secrets/smtp";
  }))
  (refuses "workers that could not join" "swarm.address is not set" (platform { swarm.address = lib.mkForce null; }))

  (check "values that are none are refused by their type"
    (map ({ option, value }: isTyped option value) [
      {
        option.controlPlane = lib.mkForce "https://panel.example.com/path";
        value = "controlPlane";
      }
      {
        option.peers = [ "not an address" ];
        value = "peers";
      }
      {
        option.roles = [ "manager" ];
        value = "roles";
      }
      {
        option.limits.memory = "12GB";
        value = "limits";
      }
      {
        option.endpoint.bind = "localhost";
        value = "endpoint";
      }
      {
        option.limits.memory = "12GiB";
        value = "limits";
      }
    ])
    [
      false
      false
      false
      false
      false
      true
    ]
  )
  (check "an old Nix on a builder is warned of, not refused"
    (map
      (
        version:
        lib.length (machine [
          samples.builder
          (
            { pkgs, ... }:
            { nix.package = pkgs.package "nix" { inherit version; }; }
          )
        ]).warnings
      )
      [
        "2.34.7"
        "2.18.2"
      ]
    )
    [
      0
      1
    ]
  )
]
