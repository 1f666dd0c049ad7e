# A worker in the private network of the control plane. It runs customers' services under gVisor, and takes visitors'
# requests for the whole fleet.
{
  imports = [ ./parts/machine.nix ];

  networking.hostName = "worker-1";

  services.skypanel.worker = {
    enable = true;
    controlPlane = "https://panel.example.com";
    tokenFile = "/var/lib/secrets/skypanel-token";
    roles = [
      "services"
      "ingress"
    ];
    peers = [ "10.0.0.0/24" ];
    endpoint.address = "10.0.0.11:80";
    limits = {
      cpu = 7;
      memory = "28GiB";
    };
    containerRuntime = "runsc";
  };
}
