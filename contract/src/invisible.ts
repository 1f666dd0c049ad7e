/**
 * Characters that nobody sees, or that turn around how others are read: controls but the tab, ends of lines and paragraphs,
 * and what Unicode says is not shown (Default_Ignorable_Code_Point) or annotates. Joiners and variation selectors are none of
 * them: emoji and several scripts are written with those. The test holds this list against Unicode's own properties.
 */
const invisible =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it finds
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e00ff}\u{e01f0}-\u{e0fff}]+/gu

/** The text with something else in place of each run of characters that nobody sees. Colours of a terminal go, too. */
export const hideInvisible = (text: string, shown: "" | " "): string => text.replace(invisible, shown)
