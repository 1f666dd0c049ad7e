interface Page {
  readonly title: string
  readonly text: string
}

/** What a visitor reads when no application answers: by the name of the reason. */
const pages: Readonly<Record<string, Page>> = {
  unknown: { title: "Nothing here", text: "No service answers at this address." },
  stopped: { title: "Stopped", text: "This service is stopped. Its owner can start it again." },
  waiting: { title: "Starting", text: "This service is starting. Try again in a moment." },
  busy: { title: "Busy", text: "This service has more requests than it can take. Try again in a moment." },
  failed: { title: "No answer", text: "This service did not answer. Try again in a moment." },
  late: { title: "Too slow", text: "This service took too long to answer." },
}

/** Small, and complete in itself: it must be readable when nothing else works. */
const html = ({ title, text }: Page): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
:root{color-scheme:light dark}
body{margin:0;min-height:100vh;display:grid;place-content:center;text-align:center;padding:1.5rem;box-sizing:border-box;font:1rem/1.5 system-ui,sans-serif;background:light-dark(#f7f7f8,#16171a);color:light-dark(#2b2d33,#d6d8de)}
h1{font-size:1.4rem;font-weight:600;margin:0 0 .25rem}
p{margin:0;color:light-dark(#5d616b,#9da1ab)}
</style></head><body><main><h1>${title}</h1><p>${text}</p></main></body></html>
`

/** File name and content of every page. */
export const pageFiles: ReadonlyArray<readonly [name: string, content: string]> = Object.entries(
  pages,
).flatMap(([name, page]) => [
  [`${name}.html`, html(page)],
  [`${name}.txt`, `${page.title}: ${page.text}\n`],
])
