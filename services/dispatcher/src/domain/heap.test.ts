import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createHeap } from './heap.ts'

test('a heap gives back what was put in, smallest first', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.array(fc.integer()), (first, second) => {
      const heap = createHeap((a: number, b: number) => a - b, first)
      for (const item of second) heap.push(item)
      const out: number[] = []
      for (let item = heap.pop(); item !== undefined; item = heap.pop()) out.push(item)
      expect(out).toEqual([...first, ...second].sort((a, b) => a - b))
    }),
  )
})
