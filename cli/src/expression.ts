import { expressionMaxBytes } from "@skypanel/contract/Source"
import { readText } from "./textInput.ts"

/** The text of a Nix expression: of a file, or of standard input for `-`. */
export const readExpression = (file: string) =>
  readText(file, {
    what: "The expression",
    path: "--expression",
    maxBytes: expressionMaxBytes,
    next: "Give a file with a Nix expression, or - to read it from standard input.",
  })
