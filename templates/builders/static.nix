# A site of files, served by nginx. Written for nixpkgs.
# The server and its start are a store path of their own: a changed page ships only the site.
{
  pkgs,
  src ? null,
  # The site that was built from a source, instead of a source that has it.
  built ? null,
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

  # What compresses well has its compressed form beside it: nginx gives it as it is, without work.
  site =
    pkgs.runCommand "${serviceName}-files" { src = if built != null then built else lib.cleanSource src; }
      ''
        mkdir -p $out
        cp -r --no-preserve=mode "$src/${if built != null then "." else chosen}/." $out/
        rm -rf $out/.git* $out/Procfile $out/default.nix $out/flake.nix $out/flake.lock $out/skypanel.toml
        ${lib.optionalString (fallback != null) ''
          if [ ! -f $out/${lib.escapeShellArg fallback} ]; then
            echo "error: there is no ${fallback} for paths without a file; name another one in a skypanel.toml: [static], fallback" >&2
            exit 1
          fi
        ''}
        find $out -type f -size +511c \( ${lib.concatMapStringsSep " -o " (end: "-name '*.${end}'") compressed} \) \
          -exec gzip --best --no-name --keep --force {} +
      '';

  # Every file of the store is dated 1970, so dates say nothing about change. The site's store hash does: it is the
  # entity tag of every file, and the browser asks again with it.
  tag = builtins.substring 0 32 (baseNameOf (builtins.unsafeDiscardStringContext "${site}"));

  compressed = [
    "html"
    "css"
    "js"
    "mjs"
    "json"
    "xml"
    "svg"
    "txt"
    "map"
    "wasm"
    "webmanifest"
  ];

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
      gzip_static on;
      gzip_vary on;
      gzip_comp_level 5;
      gzip_min_length 512;
      gzip_proxied any;
      gzip_types text/plain text/css text/javascript application/javascript application/json application/xml image/svg+xml application/wasm;
      etag off;
      if_modified_since off;
      map $uri $lifetime {
        # A name with a hash in it never changes what it means: in the folders where tools put only those, and
        # elsewhere where the name has hexadecimal digits and letters as only a hash does.
        "~^/(_astro|_app/immutable|_next/static)/" "public, max-age=31536000, immutable";
        "~^/assets/.*[.-](?=[A-Za-z_-]*[0-9A-Z])[0-9A-Za-z_-]{8}\.[a-z0-9]+$" "public, max-age=31536000, immutable";
        "~[.-](?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{8,}\.[a-z0-9]+$" "public, max-age=31536000, immutable";
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
        # A missing part of a page is missing: the page for other paths would be taken for it.
        location ~* \.(?:js|mjs|css|map|json|png|jpe?g|gif|svg|webp|avif|ico|woff2?|ttf|wasm)$ {
          if ($http_if_none_match ~ "@tag@") { return 304; }
          try_files $uri =404;
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
