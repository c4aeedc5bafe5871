// Tells watchers that a run's record changed, here and at other replicas. Only news: a watcher reads the record, and looks by itself
// every second, so a lost message costs that second. Nothing is sent while nobody watches.

import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import type { Bus } from '@strait/bus/connect-bus'
import { RunNewsSchema, WatchInterestSchema } from '@strait/contracts/events/v1/news_pb'
import { subjects } from '@strait/contracts/subjects'
import type { Part } from '@strait/service-kit/part'

/** News of runs. */
export interface RunNews extends Part {
  /** Runs of a project changed. */
  changed(projectId: string, runIds: readonly string[]): void
  /** Calls back when a run may have changed, until the answer is called. */
  watch(projectId: string, runId: string, onChange: () => void): () => void
}

const interestMs = 1_000
const forgetMs = 3_500

/** News over a bus. */
export function createRunNews(bus: Bus): RunNews {
  const watchers = new Map<string, Set<() => void>>()
  const projects = new Map<string, { count: number; unsubscribe: () => void }>()
  const remote = new Map<string, number>()
  let beat: NodeJS.Timeout | undefined
  let interest: { unsubscribe(): void } | undefined

  function tell(runIds: readonly string[]): void {
    for (const runId of runIds) for (const onChange of watchers.get(runId) ?? []) onChange()
  }

  function sayInterest(): void {
    if (projects.size === 0) return
    bus.publish(
      subjects.watch,
      toBinary(WatchInterestSchema, create(WatchInterestSchema, { projectIds: [...projects.keys()] })),
    )
  }

  return {
    name: 'run-news',
    changed(projectId, runIds) {
      if (watchers.size > 0) tell(runIds)
      const until = remote.get(projectId)
      if (until === undefined) return
      if (until < performance.now()) remote.delete(projectId)
      else
        bus.publish(
          subjects.runNews(projectId),
          toBinary(RunNewsSchema, create(RunNewsSchema, { runIds: [...runIds] })),
        )
    },
    watch(projectId, runId, onChange) {
      watchers.set(runId, (watchers.get(runId) ?? new Set()).add(onChange))
      const project = projects.get(projectId)
      if (project === undefined) {
        const subscription = bus.subscribe(subjects.runNews(projectId), (bytes) =>
          tell(fromBinary(RunNewsSchema, bytes).runIds),
        )
        projects.set(projectId, { count: 1, unsubscribe: () => subscription.unsubscribe() })
        sayInterest()
      } else project.count++
      return () => {
        const left = watchers.get(runId)
        left?.delete(onChange)
        if (left?.size === 0) watchers.delete(runId)
        const watched = projects.get(projectId)
        if (watched === undefined || --watched.count > 0) return
        watched.unsubscribe()
        projects.delete(projectId)
      }
    },
    async start() {
      interest ??= bus.subscribe(subjects.watch, (bytes) => {
        for (const projectId of fromBinary(WatchInterestSchema, bytes).projectIds) {
          // A replica hears itself too, and then rings for others who watch the same project.
          remote.set(projectId, performance.now() + forgetMs)
        }
      })
      beat ??= setInterval(sayInterest, interestMs)
    },
    async stop() {
      clearInterval(beat)
      beat = undefined
      interest?.unsubscribe()
      interest = undefined
    },
  }
}
