import { create, toBinary } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { JobsChangedSchema } from '@strait/contracts/events/v1/news_pb'
import { subjects } from '@strait/contracts/subjects'

/** Sends bytes to whoever listens on a subject now; being heard by nobody is ordinary. */
export type Publish = (subject: string, bytes: Uint8Array) => void

/**
 * Tells followers that jobs changed. It is sent after the commit and may be lost: a follower asks for the changes since
 * its cursor all the same, only later.
 */
export function announceJobs(publish: Publish, jobIds: readonly string[], at: Date): void {
  const news = create(JobsChangedSchema, { jobIds: [...jobIds], at: timestampFromDate(at) })
  publish(subjects.jobsChanged, toBinary(JobsChangedSchema, news))
}
