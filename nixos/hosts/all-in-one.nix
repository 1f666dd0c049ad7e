# Everything on one machine: control plane, builder, and a worker that takes visitors' requests itself. The page is on
# port 8443 behind nginx, services are on port 80.
{ config, ... }:
let
  inherit (config.services.skypanel) platform;
in
{
  imports = [ ./parts/machine.nix ];

  networking.hostName = "all-in-one";

  services.skypanel.platform = {
    enable = true;
    publicUrl = "https://panel.example.com:8443";
    endpoint.domain = "apps.example.com";
    # Its engine is the Swarm's manager and its only node; it pulls images past nginx.
    registryAddress = "127.0.0.1:${toString platform.port}";
    secretFile = "/var/lib/secrets/skypanel-secret";
    administrator = {
      email = "you@example.com";
      passwordFile = "/var/lib/secrets/skypanel-administrator";
    };
  };

  services.skypanel.worker = {
    enable = true;
    controlPlane = "http://127.0.0.1:${toString platform.port}";
    tokenFile = "/var/lib/secrets/skypanel-token";
    roles = [
      "services"
      "ingress"
      "builder"
    ];
    builder.npmRegistry = "https://npm.example.com/";
  };

  services.nginx = {
    enable = true;
    recommendedProxySettings = true;
    virtualHosts."panel.example.com" = {
      listen = [
        {
          addr = "0.0.0.0";
          port = 8443;
          ssl = true;
        }
      ];
      onlySSL = true;
      sslCertificate = "/var/lib/secrets/panel.example.com.crt";
      sslCertificateKey = "/var/lib/secrets/panel.example.com.key";
      locations."/" = {
        proxyPass = "http://127.0.0.1:${toString platform.port}";
        proxyWebsockets = true;
        # Builders upload closures, and nginx would refuse what is larger than 1 MB.
        extraConfig = "client_max_body_size 0;";
      };
    };
  };
  networking.firewall.allowedTCPPorts = [ 8443 ];
}
