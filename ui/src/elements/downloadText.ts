/** Saves text as a file. */
export const downloadText = (parts: readonly string[], name: string): void => {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(new Blob([...parts], { type: "text/plain;charset=utf-8" }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}
