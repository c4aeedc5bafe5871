import { Refusal } from '@strait/service-kit/refusal'

/** Refuses a change that was decided on another state of a thing than the one that it is in. */
export function refuseEtag(what: string): never {
  throw new Refusal('ETAG_MISMATCH', `the ${what} was changed meanwhile: read it again, and decide again`, {
    violations: [{ field: 'etag', description: `is not the one that the ${what} has now` }],
  })
}
