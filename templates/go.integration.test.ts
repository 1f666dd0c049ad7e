import { expect, it } from "vitest"
import { failureOf } from "../nixos/embedded/evaluation.ts"
import { build, describeRepository, folderWith, usePreparedSet } from "./building.ts"
import { startInSealedRoot } from "./sealed-root.ts"

usePreparedSet()

const answer = async (files: Record<string, string>) => {
  const { program, closure } = await build(describeRepository(folderWith("go", files)))
  const running = await startInSealedRoot(program, closure, { readyPath: "/" })
  try {
    return await (await running.get("/")).text()
  } finally {
    await running.kill()
  }
}

const server = (text: string, ...imports: ReadonlyArray<string>) => `package main

import (
${["fmt", "net/http", "os", ...imports].map((path) => `\t"${path}"\n`).join("")})

func main() {
	text := func() string { return ${text} }
	http.ListenAndServe(":"+os.Getenv("PORT"), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, text()) }))
}
`
const read = '(func() string { text, _ := os.ReadFile("static/made.txt"); return string(text) })()'
const goMod = "module example.org/team/shop // of the team\n\ngo 1.19\n"

it("a Go repository's command of [build] leaves programs, where it likes, and other files", async () => {
  const files = {
    "go.mod": goMod,
    "cmd/web/main.go": server(read),
    "cmd/tool/main.go": "package main\n\nfunc main() {}\n",
    "make.go": `//go:build ignore\n\npackage main\n\nimport "os"\n\nfunc main() { os.WriteFile("static/made.txt", []byte("made by the command"), 0o644) }\n`,
    "static/made.txt": "from the repository",
    "skypanel.toml": '[build]\ncommand = "go run make.go && go build -o server ./cmd/web"\n',
  }
  expect(await answer(files)).toBe("made by the command")
  expect(await answer({ ...files, Procfile: "web: ./server\n" })).toBe("made by the command")
  const installed = { "skypanel.toml": '[build]\ncommand = "go install ./cmd/..."\n', Procfile: "web: web\n" }
  expect(await answer({ ...files, ...installed })).toBe("from the repository")
  const nothing = { ...files, "skypanel.toml": '[build]\ncommand = "go vet ./cmd/..."\n' }
  expect(await failureOf(build(describeRepository(folderWith("go", nothing))))).toContain(
    "the command of [build] made no program",
  )
})

it("a Go workspace is built with its modules, and started in the folder that is built", async () => {
  const files = {
    "go.work": "go 1.19\n\nuse (\n\t./api\n\t./lib\n)\n",
    "api/go.mod": "module example.org/shop/api\n\ngo 1.19\n\nrequire example.org/shop/lib v0.0.0\n",
    "api/main.go": server(
      `lib.Words + ${read.replaceAll("static/made.txt", "page.txt")}`,
      "example.org/shop/lib",
    ),
    "api/page.txt": "a page",
    "lib/go.mod": "module example.org/shop/lib\n\ngo 1.19\n",
    "lib/lib.go": 'package lib\n\nconst Words = "of the workspace, "\n',
  }
  expect(await answer({ ...files, "skypanel.toml": '[build]\npath = "api"\n' })).toBe(
    "of the workspace, a page",
  )
})
