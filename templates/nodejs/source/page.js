const escapeText = (text) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

export const page = (greeting) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeText(greeting)}</title>
<style>
  :root { color-scheme: light dark; --ink: #14231a; --soft: #5a6b60; --paper: #f5f9f6; --card: #fff; --accent: #2f7d4f }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #e8f2eb; --soft: #9db0a3; --paper: #0f1512; --card: #18211b; --accent: #6cc48f }
  }
  * { box-sizing: border-box }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem;
    background: var(--paper); color: var(--ink); font: 1rem/1.6 system-ui, sans-serif }
  main { width: min(38rem, 100%); background: var(--card); border-radius: 1rem; padding: clamp(1.5rem, 5vw, 3rem);
    border-top: .3rem solid var(--accent); box-shadow: 0 1rem 3rem rgb(0 0 0 / .08) }
  h1 { margin: 0 0 .5rem; font-size: clamp(1.6rem, 5vw, 2.4rem); line-height: 1.2; overflow-wrap: anywhere }
  p { margin: 0 0 1rem; color: var(--soft) }
  dl { display: grid; grid-template-columns: auto 1fr; gap: .4rem 1.2rem; margin: 1.5rem 0 0 }
  dt { color: var(--soft) } dd { margin: 0; font-variant-numeric: tabular-nums }
  code { background: color-mix(in srgb, var(--accent) 15%, transparent); border-radius: .3rem; padding: .1rem .35rem }
  a { color: var(--accent) }
</style>
</head>
<body>
<main>
  <h1>${escapeText(greeting)}</h1>
  <p>This page comes from a Node.js service with Fastify. Nix built it from <code>package-lock.json</code>; the
  container holds the program and nothing else.</p>
  <p>Change the environment variable <code>GREETING</code> and deploy again to see it here.</p>
  <dl>
    <dt>Runtime</dt><dd>Node.js ${process.versions.node}</dd>
    <dt>Rendered</dt><dd>${new Date().toISOString().replace(/\.\d+/, "")}</dd>
    <dt>Health</dt><dd><a href="/health">/health</a></dd>
  </dl>
</main>
</body>
</html>
`
