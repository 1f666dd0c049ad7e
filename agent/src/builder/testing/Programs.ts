/* For tests: expressions that build something. */

/** Runs a shell script, then makes a program of that name. Another nonce is another build. */
export const program = (name: string, script: string, nonce: unknown = name) =>
  `{ pkgs, ... }: pkgs.runCommand "${name}" { nonce = "${nonce}"; meta.mainProgram = "${name}"; } ''
    ${script}
    mkdir -p $out/bin; printf '#!/bin/sh\\necho ${name}\\n' > $out/bin/${name}; chmod +x $out/bin/${name}
  ''`
