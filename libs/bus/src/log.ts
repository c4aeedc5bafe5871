/** What this package needs of a logger: an object with details, then a sentence. */
export interface Log {
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

/** For callers that want no log. */
export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }
