import type { TemplateDefinition } from "@skypanel/contract/Template"

/** What a new template begins as: it works, and shows one of each. */
export const sampleTemplate: TemplateDefinition = {
  title: "Hello",
  description: "A page with a heading that you choose.",
  category: "web",
  icon: "",
  port: 8080,
  healthPath: "/",
  resources: { cpu: 0.1, memoryBytes: 2 ** 26, storageBytes: 2 ** 26 },
  environment: [],
  options: [
    {
      name: "heading",
      label: "Heading",
      description: "",
      type: "text",
      required: true,
      default: null,
      choices: [],
      min: null,
      max: 60,
      variable: null,
    },
  ],
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
}
