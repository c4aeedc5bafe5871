import { create, toBinary } from '@bufbuild/protobuf'
import { KeysChangedSchema } from '@strait/contracts/events/v1/news_pb'
import { subjects } from '@strait/contracts/subjects'
import type { Publish } from './announce.ts'

/**
 * Tells every service that what it knows of these keys is no longer true. It is sent after the commit and may be lost: what is
 * known of a key is asked for again after three seconds all the same.
 */
export function announceKeys(publish: Publish, keyIds: readonly string[]): void {
  publish(
    subjects.keysChanged,
    toBinary(KeysChangedSchema, create(KeysChangedSchema, { keyIds: [...keyIds] })),
  )
}
