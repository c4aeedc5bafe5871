import { parse } from '@ts-graphviz/ast'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { renderDot } from './render-dot.ts'
import { renderMermaid } from './render-mermaid.ts'
import type { StepWork, WorkflowStep } from './workflow.ts'

function aStep(ref: string, dependsOn: readonly string[], does: StepWork, condition?: string): WorkflowStep {
  return { ref, dependsOn, condition, onFailure: 'fail_workflow', does }
}

const call = {
  job: 'charge',
  payload: undefined,
  maxAttempts: undefined,
  timeoutSecs: undefined,
  concurrencyKey: undefined,
}

const everything = {
  name: 'Orders "now" & <then>\\',
  steps: [
    aStep('end', [], { kind: 'job', ...call }),
    aStep('ok', ['end'], { kind: 'approval', message: '', timeoutSecs: undefined }, 'payload.x'),
    aStep('paid', ['end'], { kind: 'waitForEvent', event: 'paid.v1', timeoutSecs: undefined }),
    aStep('rest', ['paid'], { kind: 'sleep', durationSecs: 60 }),
    aStep('more', ['ok', 'rest'], { kind: 'subWorkflow', workflow: 'more', payload: undefined }),
    aStep('each', ['ok'], { kind: 'forEach', items: 'payload', maxItems: 1, maxParallel: 1, job: call }),
  ],
}

test('a workflow as Mermaid', () => {
  expect(renderMermaid(everything)).toBe(`---
title: "Orders \\U00000022now\\U00000022 \\U00000026 \\U0000003cthen\\U0000003e\\U0000005c"
---
flowchart TD
  s0["end<br/>job charge"]
  s1{{"ok<br/>approval"}}
  s2>"paid<br/>wait for paid.v1"]
  s3(["rest<br/>sleep 60 s"])
  s4[["more<br/>workflow more"]]
  s5[/"each<br/>for each: job charge"/]
  s0 -.-> s1
  s0 --> s2
  s2 --> s3
  s1 --> s4
  s3 --> s4
  s1 --> s5
`)
})

test('a workflow as DOT', () => {
  expect(renderDot(everything)).toBe(`digraph {
  label="Orders \\"now\\" &amp; <then>\\\\";
  s0 [label="end\\njob charge", shape=box];
  s1 [label="ok\\napproval", shape=hexagon];
  s2 [label="paid\\nwait for paid.v1", shape=cds];
  s3 [label="rest\\nsleep 60 s", shape=ellipse];
  s4 [label="more\\nworkflow more", shape=box3d];
  s5 [label="each\\nfor each: job charge", shape=parallelogram];
  s0 -> s1 [style=dashed];
  s0 -> s2;
  s2 -> s3;
  s1 -> s4;
  s3 -> s4;
  s1 -> s5;
}
`)
})

const names = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
  fc
    .array(
      fc.constantFrom('"', '\\', '\n', '---', '%%{init: {}}%%', ']', '}', ';', '#', '//', '&quot;', 'end'),
      {
        minLength: 1,
        maxLength: 12,
      },
    )
    .map((parts) => parts.join('')),
)

test('whatever a workflow is called, its DOT is that of its graph', () => {
  fc.assert(
    fc.property(names, (name) => {
      const dot = parse(renderDot({ ...everything, name }))
      const [graph] = dot.children
      const kinds = graph?.children.map(({ type }) => type)
      expect(dot.children).toHaveLength(1)
      expect(kinds).toEqual(['Attribute', ...Array(6).fill('Node'), ...Array(6).fill('Edge')])
    }),
  )
})

test('whatever a workflow is called, its Mermaid has nothing of it but in the title, as a YAML string', () => {
  fc.assert(
    fc.property(names, (name) => {
      const [, title, ...rest] = renderMermaid({ ...everything, name }).split('\n')
      expect(rest).toEqual(renderMermaid(everything).split('\n').slice(2))
      const quoted = /^title: "((?:[^"\\]|\\U[0-9a-f]{8})*)"$/.exec(title ?? '')?.[1]
      const read = quoted?.replace(/\\U([0-9a-f]{8})/g, (_, code) =>
        String.fromCodePoint(Number.parseInt(code, 16)),
      )
      expect(read).toBe(name)
    }),
  )
})
