# A site of files, served by nginx. Written for nixpkgs.
# The server and its start are a store path of their own: a changed page ships only the site.
{
  pkgs,
  src,
  name ? null,
  version ? "0.0.0",
  # The folder of `src` that holds the site; by default the one of these that has an index.html.
  folder ? null,
  # The file that a path without a file gives, such as index.html: for applications that route in the browser.
  fallback ? null,
  ...
}:
let
  inherit (pkgs) lib;
  serviceName = if name != null then name else "site";

  candidates = [
    "."
    "public"
    "dist"
    "build"
    "_site"
    "site"
    "www"
    "docs"
  ];
  hasIndex = each: builtins.pathExists (src + "/${each}/index.html");
  chosen =
    if folder == null then
      lib.findFirst hasIndex (throw "there is no index.html, neither at the top nor in public, dist, build …") candidates
    else if hasIndex folder then
      folder
    else
      throw "there is no ${folder}/index.html";

  site = pkgs.runCommand "${serviceName}-files" { src = lib.cleanSource src; } ''
    mkdir -p $out
    cp -r "$src/${chosen}/." $out/
    rm -rf $out/.git* $out/Procfile $out/default.nix $out/flake.nix $out/flake.lock
  '';

  # Every file of the store is dated 1970, so dates say nothing about change. The site's store hash does: it is the
  # entity tag of every file, and the browser asks again with it.
  tag = builtins.substring 0 32 (baseNameOf (builtins.unsafeDiscardStringContext "${site}"));

  configuration = pkgs.writeText "nginx.conf" ''
    daemon off;
    worker_processes 1;
    pid /tmp/nginx.pid;
    error_log stderr warn;
    events { worker_connections 1024; }
    http {
      include ${pkgs.nginx}/conf/mime.types;
      default_type application/octet-stream;
      charset utf-8;
      client_body_temp_path /tmp/nginx-body;
      proxy_temp_path /tmp/nginx-proxy;
      fastcgi_temp_path /tmp/nginx-fastcgi;
      uwsgi_temp_path /tmp/nginx-uwsgi;
      scgi_temp_path /tmp/nginx-scgi;
      log_format line '$request_method $request_uri $status $body_bytes_sent B $request_time s';
      access_log /dev/stdout line;
      server_tokens off;
      sendfile on;
      tcp_nopush on;
      keepalive_timeout 65;
      gzip on;
      gzip_vary on;
      gzip_comp_level 5;
      gzip_min_length 512;
      gzip_proxied any;
      gzip_types text/plain text/css text/javascript application/javascript application/json application/xml image/svg+xml application/wasm;
      etag off;
      if_modified_since off;
      map $uri $lifetime {
        # A name with a hash in it never changes what it means.
        "~[.-][0-9A-Za-z_-]{8,}\.(js|css|woff2?|png|jpe?g|svg|webp|avif)$" "public, max-age=31536000, immutable";
        default "no-cache";
      }
      server {
        listen 0.0.0.0:@port@;
        root @site@;
        index index.html;
        absolute_redirect off;
        add_header ETag '"@tag@"';
        add_header Last-Modified "";
        add_header Cache-Control $lifetime;
        add_header X-Content-Type-Options nosniff;
        error_page 404 /404.html;
        location / {
          if ($http_if_none_match ~ "@tag@") { return 304; }
          try_files $uri $uri/index.html $uri.html ${if fallback == null then "=404" else "/${fallback}"};
        }
        location = /health {
          try_files $uri @healthy;
        }
        location @healthy {
          default_type text/plain;
          return 200 "ok\n";
        }
      }
    }
  '';

  # nginx takes no variables in its configuration: the port is filled in when the service starts.
  server = pkgs.writeShellScript "serve-files" ''
    configuration=$(<${configuration})
    configuration=''${configuration//@port@/''${PORT:-8080}}
    configuration=''${configuration//@site@/$1}
    configuration=''${configuration//@tag@/$2}
    printf '%s\n' "$configuration" >/tmp/nginx.conf
    echo "serving files on port ''${PORT:-8080}"
    exec ${pkgs.nginx}/bin/nginx -e stderr -p /tmp -c /tmp/nginx.conf
  '';
in
pkgs.runCommand "${serviceName}-${version}"
  {
    pname = serviceName;
    inherit version;
    meta.mainProgram = serviceName;
  }
  ''
    mkdir -p $out/bin
    printf '%s\n' '#!${pkgs.runtimeShell}' 'exec ${server} ${site} ${tag}' >$out/bin/${serviceName}
    chmod +x $out/bin/${serviceName}
  ''
