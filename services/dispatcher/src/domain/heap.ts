/** A binary heap: the smallest by `compare` comes out first. */
export interface Heap<T> {
  push(item: T): void
  pop(): T | undefined
  peek(): T | undefined
  readonly size: number
}

/** Makes a heap from items in any order. */
export function createHeap<T>(compare: (a: T, b: T) => number, items: readonly T[] = []): Heap<T> {
  // A sorted array is a heap.
  const heap = [...items].sort(compare)

  function rise(from: number): void {
    const item = heap[from] as T
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (compare(heap[parent] as T, item) <= 0) break
      heap[at] = heap[parent] as T
      at = parent
    }
    heap[at] = item
  }

  function sink(item: T): void {
    let at = 0
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      const right = child + 1
      if (right < heap.length && compare(heap[right] as T, heap[child] as T) < 0) child = right
      if (compare(item, heap[child] as T) <= 0) break
      heap[at] = heap[child] as T
      at = child
    }
    heap[at] = item
  }

  return {
    push(item) {
      heap.push(item)
      rise(heap.length - 1)
    },
    pop() {
      const top = heap[0]
      const last = heap.pop()
      if (heap.length > 0 && last !== undefined) sink(last)
      return top
    },
    peek: () => heap[0],
    get size() {
      return heap.length
    },
  }
}
