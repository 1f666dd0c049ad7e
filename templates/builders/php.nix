# A PHP application with its packages in vendor/ or with none, served by nginx and PHP-FPM. Written for nixpkgs.
{
  pkgs,
  src,
  name ? "app",
  version ? "0.0.0",
  # The command line that starts the service instead, with `php` on PATH.
  start ? null,
  # The command line that builds, such as caches; null when nothing is built.
  buildCommand ? null,
  # The folder that has index.php; what is beside it can be asked for by name.
  root ? "",
  # Whether vendor/ is what Composer has made.
  hasComposer ? false,
  ...
}:
let
  inherit (pkgs) lib;
  command = import ./start-command.nix { inherit lib; };
  inherit (pkgs) php;

  pool = pkgs.writeText "php-fpm.conf" ''
    [global]
    daemonize = no
    error_log = /dev/stderr
    log_level = warning
    [www]
    listen = /tmp/php-fpm.sock
    pm = ondemand
    pm.max_children = 8
    pm.process_idle_timeout = 60s
    pm.max_requests = 1000
    clear_env = no
    catch_workers_output = yes
    decorate_workers_output = no
    php_admin_flag[log_errors] = on
    php_flag[display_errors] = off
    php_admin_flag[expose_php] = off
    php_admin_value[upload_tmp_dir] = /tmp
    php_admin_value[session.save_path] = /tmp
  '';

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
      client_max_body_size 64m;
      proxy_temp_path /tmp/nginx-proxy;
      fastcgi_temp_path /tmp/nginx-fastcgi;
      uwsgi_temp_path /tmp/nginx-uwsgi;
      scgi_temp_path /tmp/nginx-scgi;
      log_format line '$request_method $request_uri $status $body_bytes_sent B $request_time s';
      access_log /dev/stdout line;
      server_tokens off;
      sendfile on;
      keepalive_timeout 65;
      gzip on;
      gzip_vary on;
      gzip_min_length 512;
      gzip_proxied any;
      gzip_types text/plain text/css text/javascript application/javascript application/json application/xml image/svg+xml;
      # Every file of the store is dated 1970: dates say nothing about change.
      etag off;
      if_modified_since off;
      map $http_x_forwarded_proto $is_https { https on; default ""; }
      server {
        listen 0.0.0.0:@port@;
        root @root@;
        index index.php index.html;
        absolute_redirect off;
        # What is not for visitors, where the whole repository is the folder that is served.
        location ~ (^|/)\. { return 404; }
        location ~ ^/(vendor/|composer\.|package(-lock)?\.json|Procfile|skypanel\.toml|artisan$) { return 404; }
        location / {
          try_files $uri $uri/ /index.php$is_args$args;
          add_header Last-Modified "";
          add_header Cache-Control no-cache;
          add_header X-Content-Type-Options nosniff;
        }
        location ~ \.php$ {
          try_files $uri =404;
          include ${pkgs.nginx}/conf/fastcgi_params;
          fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
          fastcgi_param HTTPS $is_https if_not_empty;
          fastcgi_param HTTP_PROXY "";
          fastcgi_pass unix:/tmp/php-fpm.sock;
        }
      }
    }
  '';

  # Two processes that live and die together: whichever ends first ends the service.
  server = pkgs.writeShellScript "serve-php" ''
    configuration=$(<${configuration})
    configuration=''${configuration//@port@/''${PORT:-8080}}
    printf '%s\n' "''${configuration//@root@/$1}" >/tmp/nginx.conf
    ${php}/bin/php-fpm --nodaemonize --fpm-config ${pool} &
    fpm=$!
    until [ -S /tmp/php-fpm.sock ]; do
      kill -0 $fpm 2>/dev/null || exit 1
      ${pkgs.coreutils}/bin/sleep 0.02
    done
    ${pkgs.nginx}/bin/nginx -e stderr -p /tmp -c /tmp/nginx.conf &
    nginx=$!
    ended=
    stop() { ended=yes; kill -QUIT $nginx $fpm 2>/dev/null; }
    trap stop TERM INT QUIT
    echo "serving PHP on port ''${PORT:-8080}"
    wait -n $fpm $nginx
    code=$?
    [ -n "$ended" ] && code=0
    kill -QUIT $nginx $fpm 2>/dev/null
    wait
    exit $code
  '';
in
if hasComposer && !(builtins.pathExists (src + "/vendor/autoload.php")) then
  throw "vendor/ has no autoload.php: run `composer install --no-dev --optimize-autoloader` and commit all of vendor/"
else
  pkgs.stdenvNoCC.mkDerivation {
    pname = name;
    inherit version;
    src = lib.cleanSourceWith {
      src = lib.cleanSource src;
      filter = path: _: baseNameOf path != "node_modules";
      name = "source";
    };
    nativeBuildInputs = [ php ];
    dontConfigure = true;
    dontFixup = true;
    # A file that is no PHP would only be found by who asks for it.
    buildPhase = ''
      runHook preBuild
      find . -name '*.php' -not -path './vendor/*' -print0 | xargs -0 -r -n 1 -P 2 php -l >checked 2>&1 || {
        grep -v '^No syntax errors' checked >&2
        exit 1
      }
      rm checked
      ${lib.optionalString (buildCommand != null) ''
        (
          export HOME=$TMPDIR
          ${buildCommand}
        )
      ''}
      runHook postBuild
    '';
    installPhase = ''
      runHook preInstall
      app=$out/lib/${name}
      mkdir -p $app $out/bin
      cp -r . $app/
      ${
        if start == null then
          ''
            printf '%s\n' '#!${pkgs.runtimeShell}' "cd $app" "exec ${server} $app/${root}" >$out/bin/${name}
            chmod +x $out/bin/${name}
          ''
        else
          command.install {
            inherit (pkgs) runtimeShell;
            program = name;
            text = start;
            folder = "$app";
            path = [ "${php}/bin" ];
          }
      }
      runHook postInstall
    '';
    meta.mainProgram = name;
  }
