/** Goes to places of this page without loading it again; leaves every other link, and other uses of one, alone. */
export const watchLinks = (go: (path: string) => void): (() => void) => {
  const onClick = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const link = event.composedPath().find((target) => target instanceof HTMLAnchorElement)
    if (!link?.href || link.target || link.hasAttribute("download") || link.origin !== location.origin) return
    if (/^\/(?:api|cache|v2)\//.test(link.pathname)) return
    if (link.hash !== "" && link.pathname === location.pathname) return
    event.preventDefault()
    go(link.pathname + link.search + link.hash)
  }
  document.addEventListener("click", onClick)
  return () => document.removeEventListener("click", onClick)
}
