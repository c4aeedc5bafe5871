import type { StepWork, WorkflowStep } from './workflow.ts'

/** The dependencies of steps, from the one that comes before to the one that waits, by their places. */
export function edgesOf(steps: readonly WorkflowStep[]): readonly (readonly [number, number])[] {
  const places = new Map(steps.map(({ ref }, place) => [ref, place]))
  return steps.flatMap(({ dependsOn }, place) =>
    dependsOn.flatMap((ref) => {
      const before = places.get(ref)
      return before === undefined ? [] : [[before, place] as const]
    }),
  )
}

/** What a step does, in a line for people. */
export function sayWork(does: StepWork): string {
  switch (does.kind) {
    case 'job':
      return `job ${does.job}`
    case 'approval':
      return 'approval'
    case 'waitForEvent':
      return `wait for ${does.event}`
    case 'sleep':
      return `sleep ${does.durationSecs} s`
    case 'subWorkflow':
      return `workflow ${does.workflow}`
    case 'forEach':
      return `for each: job ${does.job.job}`
  }
}
