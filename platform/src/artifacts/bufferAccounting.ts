import { setFlagsFromString } from "node:v8"
import { Effect } from "effect"

/**
 * Has V8 count the memory of buffers as a part of the whole heap. Otherwise it goes through the whole heap for each 64 MB
 * of them, however large that is and however soon they are free again: a layer of 200 MB that streams by took four times
 * the processor time, and every other request waited meanwhile.
 */
export const accountBuffersInHeap = Effect.sync(() =>
  setFlagsFromString("--external-memory-accounted-in-global-limit"),
)
