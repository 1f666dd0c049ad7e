import { createContext } from "@lit/context"
import type { Session } from "@skypanel/contract/Session"

/** Who is signed in, and what the platform is like. */
export const sessionContext = createContext<Session>(Symbol("session"))
