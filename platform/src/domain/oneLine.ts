/** Control characters, and those that make a text read in another order than it is written. */
export const unprintable = /[\p{Cc}\u2028-\u202e\u2066-\u2069]+/gu

export const cut = (text: string, length: number): string => {
  const characters = Array.from(text.toWellFormed())
  return characters.length <= length ? characters.join("") : `${characters.slice(0, length - 1).join("")}…`
}

/** What others wrote, as one line of at most so many characters, with nothing in it that cannot be seen. */
export const oneLine = (text: string, length: number): string =>
  cut(text.replace(unprintable, " ").replace(/\s+/g, " ").trim(), length)
