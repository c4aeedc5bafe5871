import type { Say } from './jobs/job-input.ts'

/** Checks the project that something says to belong to, in whatever case its id is written; one that is not given is the key's. */
export function checkProjectId(given: string | undefined, ofKey: string, say: Say): void {
  if (given === undefined || given === '' || given.toLowerCase() === ofKey) return
  say('project_id', 'is another project than the one of the key; leave it out')
}
