/**
 * What the person at the keyboard can do something about: one line that says what is wrong and what to do.
 * Anything else that is thrown here is a bug.
 */
export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError'

  constructor(message: string, options?: ErrorOptions) {
    super(message.trim().replace(/\s*\n\s*/g, ' | '), options)
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is not a folder',
  ENOENT: 'no such file or folder',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
}

/** The reason of a failed system call in words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = (error as NodeJS.ErrnoException).code
  return (code && reasons[code]) || error.message
}
