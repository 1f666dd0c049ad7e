import type { Notification } from "@skypanel/contract/Notification"
import type { Style } from "./style.ts"

/** Colours what the platform tells of: whether it is good or bad is in its words as well. */
export const paintTone =
  (style: Style) =>
  (text: string, tone: Notification["tone"]): string => {
    switch (tone) {
      case "good":
        return style.green(text)
      case "warn":
        return style.yellow(text)
      case "bad":
        return style.red(text)
      case "info":
        return text
    }
  }
