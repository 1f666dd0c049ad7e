# A control plane with its database; its workers are other machines, in the private network 10.0.0.0/24.
{ config, ... }:
let
  inherit (config.services.skypanel) platform;
in
{
  imports = [ ./parts/machine.nix ];

  networking.hostName = "control-plane";

  services.skypanel.platform = {
    enable = true;
    publicUrl = "https://panel.example.com";
    endpoint.domain = "apps.example.com";
    npmRegistry = "https://npm.example.com/";
    swarm.address = "10.0.0.1";
    peers = [ "10.0.0.0/24" ];
    secretFile = "/var/lib/secrets/skypanel-secret";
    administrator = {
      email = "you@example.com";
      passwordFile = "/var/lib/secrets/skypanel-administrator";
    };
    mail = {
      smtpUrlFile = "/var/lib/secrets/skypanel-smtp";
      from = "SkyPanel <panel@example.com>";
    };
  };

  # TLS in front, with a certificate by ACME.
  security.acme = {
    acceptTerms = true;
    defaults.email = "you@example.com";
  };
  services.nginx = {
    enable = true;
    recommendedProxySettings = true;
    virtualHosts."panel.example.com" = {
      enableACME = true;
      forceSSL = true;
      locations."/" = {
        proxyPass = "http://127.0.0.1:${toString platform.port}";
        proxyWebsockets = true;
        # Builders upload closures, and nginx would refuse what is larger than 1 MB; agents stay connected for days.
        extraConfig = ''
          client_max_body_size 0;
          proxy_request_buffering off;
          proxy_buffering off;
          proxy_read_timeout 1h;
        '';
      };
    };
  };
  networking.firewall.allowedTCPPorts = [
    80
    443
  ];
}
