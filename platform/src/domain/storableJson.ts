const escaped = /\\u(?:0000|[dD][89a-fA-F])/

/**
 * A message without what no row takes: NUL, and halves of characters. What a build says is as whoever wrote its source
 * wants it, and its worker has more to say in the same message. What is no JSON stays so.
 */
export const storableJson = (text: string): string => {
  if (!escaped.test(text)) return text
  try {
    return JSON.stringify(
      JSON.parse(text, (_, value: unknown) =>
        typeof value === "string" ? value.replaceAll("\0", "\ufffd").toWellFormed() : value,
      ),
    )
  } catch {
    return text
  }
}
