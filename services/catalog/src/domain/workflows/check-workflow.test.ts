import { expect, test } from 'vitest'
import { checkWorkflow } from './check-workflow.ts'
import { readAtOnce, readTexts } from './readings.ts'
import type { JobCallInput, StepInput, WorkflowInput } from './workflow-input.ts'

const projectId = '0199aaaa-0000-7000-8000-000000000000'

function check(over: WorkflowInput, readings = readAtOnce) {
  const input = { name: 'A workflow', steps: [aStep('a')], ...over }
  return checkWorkflow(input, { projectId, readings, prefix: 'workflow.' })
}

function aStep(ref: string, dependsOn: readonly string[] = [], over: StepInput = {}): StepInput {
  return { ref, dependsOn, does: { kind: 'job', job: 'a-job' }, ...over }
}

function withCall(call: JobCallInput): StepInput[] {
  return [aStep('before'), aStep('a', ['before'], { does: { kind: 'job', job: 'a-job', ...call } })]
}

/** The fields at fault, with what is said of them. */
function faults(over: WorkflowInput): readonly (readonly [string, string])[] {
  const checked = check(over)
  return checked.ok ? [] : checked.problems.map(({ field, description }) => [field, description] as const)
}

function fields(over: WorkflowInput): readonly string[] {
  return faults(over).map(([field]) => field)
}

test('what is left out has its default, and the slug is made from the name', () => {
  expect(check({ name: 'Größte Übung' })).toEqual({
    ok: true,
    slugIsChosen: false,
    config: {
      name: 'Größte Übung',
      slug: 'grosste-ubung',
      description: '',
      tags: {},
      steps: [
        {
          ref: 'a',
          dependsOn: [],
          condition: undefined,
          onFailure: 'fail_workflow',
          does: {
            kind: 'job',
            job: 'a-job',
            payload: undefined,
            maxAttempts: undefined,
            timeoutSecs: undefined,
            concurrencyKey: undefined,
          },
        },
      ],
      enabled: true,
      timeoutSecs: 604_800,
      maxConcurrentRuns: 0,
      maxParallelSteps: 0,
      cron: undefined,
      cronPayload: '{}',
      timezone: 'UTC',
      dstGap: 'skip',
      dstOverlap: 'first',
      misfire: 'fire_once',
      misfireMaxAgeSecs: undefined,
      overlap: 'allow',
      spreadSecs: 0,
    },
  })
  expect(check({ name: '。' })).toMatchObject({ config: { slug: 'workflow' } })
})

const year = 31_536_000

test.each<[string, WorkflowInput, readonly string[]]>([
  ['no name', { name: undefined }, ['name']],
  ['a blank name', { name: ' ' }, ['name']],
  ['a long name', { name: 'x'.repeat(256) }, ['name']],
  ['a bad slug', { slug: 'No Slug' }, ['slug']],
  ['the slug of an id', { slug: projectId }, ['slug']],
  ['a long description', { description: 'x'.repeat(4_097) }, ['description']],
  ['21 tags', { tags: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`k${i}`, ''])) }, ['tags']],
  ['an empty key', { tags: { '': 'x' } }, ['tags']],
  ['a long value', { tags: { k: 'x'.repeat(257) } }, ['tags["k"]']],
  ['another project', { projectId: 'other' }, ['project_id']],
  ['no time', { timeoutSecs: 0 }, ['timeout_secs']],
  ['too much time', { timeoutSecs: year + 1 }, ['timeout_secs']],
  ['fewer than no runs', { maxConcurrentRuns: -1 }, ['max_concurrent_runs']],
  ['too many runs', { maxConcurrentRuns: 10_001 }, ['max_concurrent_runs']],
  ['too many steps at once', { maxParallelSteps: 1_001 }, ['max_parallel_steps']],
  ['two bad fields of cron', { cron: '60 24 * * *' }, ['cron', 'cron']],
  ['a payload that is no JSON', { cronPayload: '{' }, ['cron_payload']],
  ['an unknown zone', { timezone: 'Mars/Base' }, ['timezone']],
  [
    'unknown words',
    { dstGap: '7', dstOverlap: 'x', misfire: 'x', overlap: 'x' },
    ['dst_gap', 'dst_overlap', 'misfire', 'overlap'],
  ],
  ['an age of nothing', { misfireMaxAgeSecs: 0 }, ['misfire_max_age_secs']],
  ['an age too old', { misfireMaxAgeSecs: 604_801 }, ['misfire_max_age_secs']],
  ['a wide spread', { spreadSecs: 3_601 }, ['spread_secs']],
  ['no steps', { steps: [] }, ['steps']],
  ['1,001 steps', { steps: Array.from({ length: 1_001 }, (_, i) => aStep(`s${i}`)) }, ['steps']],
])('a workflow is refused that has %s', (_, over, at) => {
  expect(fields(over)).toEqual(at.map((field) => `workflow.${field}`))
})

test.each<[string, StepInput, readonly string[]]>([
  ['nothing to do', { does: undefined }, ['']],
  ['no ref', { ref: undefined }, ['.ref']],
  ['a bad ref', { ref: 'A-b' }, ['.ref']],
  ['a long ref', { ref: 'a'.repeat(65) }, ['.ref']],
  ['the ref of another', { ref: 'a' }, ['.ref']],
  ['an unknown dependency', { dependsOn: ['a', 'nobody'] }, ['.depends_on[1]']],
  ['a dependency twice', { dependsOn: ['a', 'a'] }, ['.depends_on[1]']],
  ['itself to wait for', { dependsOn: ['x'] }, ['.depends_on[0]']],
  ['the name of a method for a dependency', { dependsOn: ['constructor'] }, ['.depends_on[0]']],
  ['an unknown word', { onFailure: '9' }, ['.on_failure']],
  ['no job', { does: { kind: 'job' } }, ['.job.job']],
  ['a job that is no slug', { does: { kind: 'job', job: 'A job' } }, ['.job.job']],
  ['too many tries', { does: { kind: 'job', job: 'j', maxAttempts: 101 } }, ['.job.max_attempts']],
  ['no tries', { does: { kind: 'job', job: 'j', maxAttempts: 0 } }, ['.job.max_attempts']],
  ['a long call', { does: { kind: 'job', job: 'j', timeoutSecs: 86_401 } }, ['.job.timeout_secs']],
  ['a long message', { does: { kind: 'approval', message: 'x'.repeat(4_097) } }, ['.approval.message']],
  ['a short wait', { does: { kind: 'approval', timeoutSecs: 0 } }, ['.approval.timeout_secs']],
  [
    'a long wait',
    { does: { kind: 'waitForEvent', event: 'e', timeoutSecs: year + 1 } },
    ['.wait_for_event.timeout_secs'],
  ],
  ['no event', { does: { kind: 'waitForEvent' } }, ['.wait_for_event.event']],
  ['a bad event', { does: { kind: 'waitForEvent', event: 'a b' } }, ['.wait_for_event.event']],
  ['no sleep', { does: { kind: 'sleep' } }, ['.sleep.duration_secs']],
  ['a long sleep', { does: { kind: 'sleep', durationSecs: year + 1 } }, ['.sleep.duration_secs']],
  ['no workflow', { does: { kind: 'subWorkflow' } }, ['.sub_workflow.workflow']],
  [
    'a template that is none',
    { does: { kind: 'subWorkflow', workflow: 'w', payload: '"{{"' } },
    ['.sub_workflow.payload'],
  ],
  ['nothing for each', { does: { kind: 'forEach' } }, ['.for_each.items', '.for_each.job']],
  [
    'for_each out of bounds',
    { does: { kind: 'forEach', items: 'payload', maxItems: 1_001, maxParallel: 0, job: { job: '' } } },
    ['.for_each.max_items', '.for_each.max_parallel', '.for_each.job.job'],
  ],
])('a step is refused that has %s', (_, over, at) => {
  const steps = [aStep('a'), { ...aStep('x'), ...over }]
  expect(fields({ steps })).toEqual(at.map((field) => `workflow.steps[1]${field}`))
})

test('bounds themselves are within them', () => {
  const steps: StepInput[] = [
    ...Array.from({ length: 100 }, (_, i) => aStep(`s${i}`)),
    aStep(
      'a'.repeat(64),
      Array.from({ length: 100 }, (_, i) => `s${i}`),
      { does: { kind: 'sleep', durationSecs: year } },
    ),
    aStep('b', [], {
      does: { kind: 'forEach', items: 'payload', maxItems: 1_000, maxParallel: 1_000, job: { job: 'j' } },
    }),
  ]
  const most: WorkflowInput = {
    steps,
    name: '😀'.repeat(255),
    slug: 'x'.repeat(128),
    description: '😀'.repeat(4_096),
    tags: Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`${i}`.padStart(64, 'k'), '😀'.repeat(256)]),
    ),
    timeoutSecs: year,
    maxConcurrentRuns: 10_000,
    maxParallelSteps: 1_000,
    misfireMaxAgeSecs: 604_800,
    spreadSecs: 3_600,
  }
  expect(faults(most)).toEqual([])
  expect(fields({ steps: Array.from({ length: 1_000 }, (_, i) => aStep(`s${i}`)) })).toEqual([])
  const many = { ...aStep('c'), dependsOn: [...Array(100).keys(), 99].map((i) => `s${i}`) }
  expect(fields({ steps: [...steps, many] })).toEqual(['workflow.steps[102].depends_on'])
})

test('everything that is wrong is told at once', () => {
  expect(
    fields({
      name: '',
      cron: 'x',
      steps: [aStep('a', ['b'], { condition: '1 +' }), aStep('a', [], { does: undefined })],
    }),
  ).toEqual([
    'workflow.name',
    'workflow.cron',
    'workflow.steps[1].ref',
    'workflow.steps[0].depends_on[0]',
    'workflow.steps[1]',
    'workflow.steps[0].condition',
  ])
})

test('an expression may read what comes before its step, directly or through others, and nothing else', () => {
  const reading = (ref: string) => ({ condition: `steps.${ref}.output == 1` })
  const steps = [
    aStep('last', ['left', 'right'], reading('first')),
    aStep('left', ['first'], reading('first')),
    aStep('right', ['first'], reading('left')),
    aStep('first', [], reading('first')),
    aStep('apart', [], reading('nowhere')),
  ]
  expect(faults({ steps })).toEqual([
    [
      'workflow.steps[2].condition',
      'reads steps.left at character 1, which does not come before the step: depend on it',
    ],
    ['workflow.steps[3].condition', 'reads steps.first at character 1, which is the step itself'],
    ['workflow.steps[4].condition', 'reads steps.nowhere at character 1, and there is no such step'],
  ])
})

test('names are known where they are: item and index inside of a for_each only', () => {
  const job = {
    job: 'j',
    payload: '{"i": "{{ item }} {{ index }}", "o": "{{ steps.before.output }}"}',
    concurrencyKey: 'item.key',
  }
  const each = { kind: 'forEach', items: 'payload.list', job } as const
  expect(faults({ steps: [aStep('before'), aStep('a', ['before'], { does: each })] })).toEqual([])
  expect(
    faults({ steps: [aStep('a', [], { does: { ...each, items: 'item', job: { job: 'j' } } })] }),
  ).toEqual([
    [
      'workflow.steps[0].for_each.items',
      'rests on the unknown name "item" at character 1; known are payload, steps',
    ],
  ])
  expect(
    faults({ steps: withCall({ payload: '{"a": ["x", "{{ item.x }}"]}', concurrencyKey: 'index' }) }),
  ).toEqual([
    [
      'workflow.steps[1].job.payload',
      'at /a/1: rests on the unknown name "item" at character 1; known are payload, steps',
    ],
    [
      'workflow.steps[1].job.concurrency_key',
      'rests on the unknown name "index" at character 1; known are payload, steps',
    ],
  ])
})

test('a faulty expression in a template is told with its place in the JSON', () => {
  expect(faults({ steps: withCall({ payload: '{"a": {"b": "{{ 1 + }}"}, "c": "{{ nope(1) }}"}' }) })).toEqual(
    [
      ['workflow.steps[1].job.payload', 'at /a/b: is no CEL expression: unexpected "+" at character 3'],
      ['workflow.steps[1].job.payload', 'at /c: calls the unknown function nope at character 1'],
    ],
  )
})

test('expressions have a bound together, equal ones counted once', () => {
  const condition = (i: number) => `payload.x${i}${'x'.repeat(2_000)}`
  const steps = (count: number, text = condition) =>
    Array.from({ length: count }, (_, i) => aStep(`s${i}`, [], { condition: text(i) }))
  const checked = (input: WorkflowInput) => {
    const reading = readTexts(input)
    for (;;) {
      const turn = reading.next()
      if (turn.done) return check(input, turn.value)
    }
  }
  expect(checked({ steps: steps(65) })).toMatchObject({ ok: true })
  expect(checked({ steps: steps(1_000, () => condition(1)) })).toMatchObject({ ok: true })
  expect(checked({ steps: steps(66) })).toMatchObject({
    problems: [
      {
        field: 'workflow.steps',
        description: 'must have at most 131072 characters in all their expressions together',
      },
    ],
  })
})

test('10,000 expressions are checked, and one more is refused, wherever they stand', () => {
  const payload = (count: number) => JSON.stringify(Array(count).fill('{{ payload.x }}'))
  const steps = (last: number) =>
    [...Array(9).fill(1_000), last].map((count, i) =>
      aStep(`s${i}`, [], { does: { kind: 'job', job: 'j', payload: payload(count) } }),
    )
  expect(faults({ steps: steps(1_000) })).toEqual([])
  expect(faults({ steps: [...steps(1_000), aStep('more', [], { condition: 'payload.x' })] })).toEqual([
    ['workflow.steps', 'must have at most 10000 expressions together'],
  ])
})

test('texts that were read beforehand are judged as those that are read at once', () => {
  const input: WorkflowInput = {
    steps: [
      ...withCall({ payload: '{"x": "{{ bad(1) }}"}', concurrencyKey: 'oops' }),
      aStep('s', [], { does: { kind: 'subWorkflow', workflow: 'w', payload: '"{{ y }}"' } }),
      aStep('e', [], { does: { kind: 'forEach', items: 'z', job: { job: 'j', payload: '"}}"' } } }),
    ],
  }
  const reading = readTexts(input)
  let turns = 0
  for (;;) {
    const turn = reading.next()
    if (turn.done) {
      expect(check(input, turn.value)).toEqual(check(input))
      break
    }
    turns += 1
  }
  expect(turns).toBe(7)
})
