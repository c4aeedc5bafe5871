// The settings of services that call, or store, other people's URLs: the same words and the same meaning everywhere.

import { type AllowList, developmentAllow, parseAllowList } from '@strait/egress/address'
import { custom, oneOf } from './settings.ts'

/** Which special addresses may be used as endpoints and webhooks. */
export function egressSettings() {
  return {
    egressAllow: custom<AllowList>('STRAIT_EGRESS_ALLOW', {
      fallback: { entries: [] },
      bounds: 'CIDR ranges, each with an optional port, comma-separated',
      doc: 'Special address ranges that endpoints and webhooks may use: 127.0.0.0/8,10.1.0.0/16:8080. Metadata addresses never are.',
      read(value) {
        const parsed = parseAllowList(value.split(','))
        return parsed.ok ? parsed.allow : { problem: `has an entry that cannot be read: ${parsed.reason}` }
      },
    }),
    environment: oneOf('STRAIT_ENV', {
      fallback: 'production',
      words: ['production', 'development'],
      doc: 'development allows loopback addresses as endpoints and webhooks, and says so at start.',
    }),
  }
}

/** The addresses that the settings allow beside public ones. */
export function allowedAddresses(config: {
  readonly egressAllow: AllowList
  readonly environment: 'production' | 'development'
}): AllowList {
  if (config.environment !== 'development') return config.egressAllow
  return { entries: [...config.egressAllow.entries, ...developmentAllow().entries] }
}
