import type { DeploymentFailure, StepName } from "@skypanel/contract/Deployment"

/** What goes wrong for a service of this name. */
const failures: Record<string, DeploymentFailure> = {
  "fail-syntax": {
    step: "building",
    code: "evaluation-syntax",
    title: "The Nix expression has a syntax error: unexpected '}', expecting ';'.",
    detail: "error: syntax error, unexpected '}', expecting ';'",
    next: "Add the missing ';' before the '}'.",
    lines: [
      "error: syntax error, unexpected '}', expecting ';'",
      "       at expression.nix:7:3:",
      "            6|     python3 -m http.server",
      "            7|   }",
      "             |   ^",
    ],
    location: { file: "expression.nix", line: 7, column: 3 },
  },
  "fail-private": {
    step: "building",
    code: "credential-refused",
    title: "ghcr.io does not give ghcr.io/acme/private:1 to who we say we are.",
    detail: "",
    next: "Add a credential for ghcr.io that may read it.",
    lines: [],
    location: null,
  },
  "fail-build": {
    step: "building",
    code: "build-failed",
    title: "The build of my-app ended with exit code 1.",
    detail: "npm run build failed while it compiled src/index.ts.",
    next: "Correct the error and deploy again.",
    lines: [
      "my-app> src/index.ts(14,7): error TS2322: Type 'string' is not assignable to type 'number'.",
      "error: builder for '/nix/store/1k2j3h4g5f6d7s8a-my-app.drv' failed with exit code 1",
    ],
    location: null,
  },
  "fail-port": {
    step: "verifying",
    code: "port-closed",
    title: "Nobody listens on port 8080.",
    detail: "The container runs, but connections to its port were refused for 60 s.",
    next: "Let the program listen on $PORT, or change the port.",
    lines: ["listening on http://127.0.0.1:3000"],
    location: null,
  },
  "fail-exit": {
    step: "rolling-out",
    code: "exited",
    title: "The program ended at once with exit code 2.",
    detail: "It was started 3 times and ended each time within a second.",
    next: "Look at its last lines and correct the configuration.",
    lines: ["Error: DATABASE_URL is not set", "    at main (/nix/store/abc-app/index.js:3:9)"],
    location: null,
  },
}

export const failureFor = (service: string, step: StepName): DeploymentFailure | null => {
  const failure = failures[service]
  return failure?.step === step ? failure : null
}
