/** A log whose lines stay with the test. */
export interface CollectedLog {
  debug(about: object, sentence: string): void
  info(about: object, sentence: string): void
  warn(about: object, sentence: string): void
  error(about: object, sentence: string): void
}

/** One thing that was said. */
export interface LogLine {
  readonly level: keyof CollectedLog
  readonly about: Readonly<Record<string, unknown>>
  readonly sentence: string
}

/** Makes a log and the list that it fills. */
export function collectLog(): { readonly log: CollectedLog; readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = []
  const at = (level: LogLine['level']) => (about: object, sentence: string) => {
    lines.push({ level, about: { ...about }, sentence })
  }
  return { log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, lines }
}
