/** What a new template begins as: it works, and shows one of each. */
export const sampleTemplate = {
  file: `{
  "name": "hello",
  "title": "Hello",
  "description": "A page with a heading that you choose.",
  "category": "web",
  "port": 8080,
  "healthPath": "/",
  "resources": { "cpu": 0.1, "memoryBytes": 67108864, "storageBytes": 67108864 },
  "environment": {},
  "options": {
    "heading": { "label": "Heading", "type": "text", "required": true, "max": 60 }
  }
}
`,
  expression: `{ pkgs, options, ... }:
let
  heading = builtins.replaceStrings [ "&" "<" ] [ "&amp;" "&lt;" ] options.heading;
  site = pkgs.writeTextDir "index.html" "<h1>\${heading}</h1>";
in
pkgs.writeShellApplication {
  name = "hello";
  runtimeInputs = [ pkgs.python3 ];
  text = ''
    exec python3 -m http.server "$PORT" --directory \${site}
  '';
}
`,
} as const
