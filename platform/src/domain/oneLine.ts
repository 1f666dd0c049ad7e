import { hideInvisible } from "@skypanel/contract/invisible"

export const cut = (text: string, length: number): string => {
  const characters = Array.from(text.toWellFormed())
  return characters.length <= length ? characters.join("") : `${characters.slice(0, length - 1).join("")}…`
}

/** What others wrote, as one line of at most so many characters, with nothing in it that cannot be seen. */
export const oneLine = (text: string, length: number): string =>
  cut(hideInvisible(text, " ").replace(/\s+/g, " ").trim(), length)
