export type Theme = "system" | "light" | "dark"

const key = "skypanel.theme"

export const readTheme = (): Theme => {
  const theme = document.documentElement.dataset.theme
  return theme === "light" || theme === "dark" ? theme : "system"
}

/** `public/theme.js` applies the same choice before the first paint. */
export const chooseTheme = (theme: Theme): void => {
  if (theme === "system") delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  try {
    if (theme === "system") localStorage.removeItem(key)
    else localStorage.setItem(key, theme)
  } catch {
    // Without storage the choice holds until the page is left.
  }
}
