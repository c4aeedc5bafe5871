/** What is hashed of an entry of the audit log. */
export interface HashedEvent {
  readonly id: string
  readonly projectId: string
  /** Its place in the project's chain, from 1; 0 while it is not chained. */
  readonly position: number
  /** RFC 3339 in UTC with three digits of a second's fraction, as REST shows it and as it is hashed. */
  readonly at: string
  readonly actor: string
  readonly action: string
  readonly resourceType: string
  readonly resourceId: string
  /** JSON text, byte for byte; undefined for what was not there. */
  readonly before: string | undefined
  readonly after: string | undefined
  /** 64 hexadecimal digits in lower case; empty while it is not chained. */
  readonly previousHash: string
}

/** An entry of the audit log, as it is shown. */
export interface AuditEvent extends HashedEvent {
  /** The same form as `previousHash`. */
  readonly hash: string
}
