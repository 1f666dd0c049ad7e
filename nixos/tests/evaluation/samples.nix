# Configurations that checks start from: the least that each module needs.
{
  worker.services.skypanel.worker = {
    enable = true;
    controlPlane = "https://panel.example.com";
    tokenFile = "/var/lib/secrets/token";
    peers = [
      "10.0.0.0/24"
      "2001:db8:7::/64"
    ];
  };

  builder.services.skypanel.worker = {
    enable = true;
    controlPlane = "https://panel.example.com";
    roles = [ "builder" ];
    builder.npmRegistry = "https://npm.example.com/";
  };

  platform.services.skypanel.platform = {
    enable = true;
    publicUrl = "https://panel.example.com";
    endpoint.domain = "apps.example.com";
    secretFile = "/var/lib/secrets/secret";
    administrator = {
      email = "you@example.com";
      passwordFile = "/var/lib/secrets/administrator";
    };
    swarm.address = "10.0.0.1";
    peers = [ "10.0.0.0/24" ];
  };
}
