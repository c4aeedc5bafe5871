/** Something that lives between start and stop; both may be called twice, and in any state. */
export interface Part {
  readonly name: string
  start(): Promise<void>
  stop(): Promise<void>
}

/**
 * Makes a part of a function that runs until its signal is given. Stop waits for it to end, and a start while it is
 * still ending begins anew after that: it never runs twice at once.
 */
export function createPart(name: string, run: (signal: AbortSignal) => Promise<void>): Part {
  let stopping = AbortSignal.abort()
  let abort = () => {
    // Nothing runs yet.
  }
  let ended = Promise.resolve()
  return {
    name,
    async start() {
      if (!stopping.aborted) return
      const controller = new AbortController()
      stopping = controller.signal
      abort = () => controller.abort()
      ended = ended.then(() => (controller.signal.aborted ? undefined : run(controller.signal)))
    },
    async stop() {
      abort()
      await ended
    },
  }
}
