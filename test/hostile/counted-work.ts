/**
 * How much work a function does, counted and not timed: executions of blocks by V8's own precise coverage (functions,
 * branches and loop bodies), and for the engine's built-in functions that loop the items that they pass over. It costs the
 * shipped program nothing: only a process of the tests counts. Not a test.
 */
import { Session } from 'node:inspector'

/** Items that built-in functions passed over. */
let items = 0

const session = new Session()

export function startCounting(): void {
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  countBuiltins()
}

/** What `work` does. @param isCounted by the file that holds a function */
export function countWork(work: () => void, isCounted: (url: string) => boolean): number {
  takeBlocks(isCounted)
  items = 0
  work()
  const passed = items
  return takeBlocks(isCounted) + passed
}

/** Since the last call. */
function takeBlocks(isCounted: (url: string) => boolean): number {
  let sum = 0
  session.post('Profiler.takePreciseCoverage', (error, taken) => {
    if (error !== null) throw error
    for (const { url, functions } of taken.result) {
      if (!isCounted(url)) continue
      for (const { ranges } of functions) for (const { count } of ranges) sum += count
    }
  })
  return sum
}

type Method = (this: unknown, ...args: unknown[]) => unknown

/** Replaces a method by one that counts: `cost` is computed before the call. */
function counted(
  owner: object,
  name: PropertyKey,
  cost: (self: never, args: readonly unknown[]) => number,
): void {
  const original = Reflect.get(owner, name) as Method // each name below is a method of its owner
  Object.defineProperty(owner, name, {
    configurable: true,
    writable: true,
    value: function (this: unknown, ...args: unknown[]): unknown {
      items += cost(this as never, args)
      return Reflect.apply(original, this, args)
    },
  })
}

function countBuiltins(): void {
  const length = (self: { readonly length: number }): number => self.length
  for (const name of [
    'includes',
    'indexOf',
    'lastIndexOf',
    'concat',
    'slice',
    'splice',
    'toSpliced',
    'join',
    'fill',
    'flat',
  ])
    counted(Array.prototype, name, length)
  // Searches from a place on go as far as they find.
  counted(String.prototype, 'split', length)
  counted(String.prototype, 'replaceAll', length)
  counted(String.prototype, 'isWellFormed', () => 1)
  const { indexOf } = String.prototype
  for (const name of ['indexOf', 'includes'])
    counted(String.prototype, name, (self: string, [text, from]) => {
      const start = Number(from ?? 0)
      const found = indexOf.call(self, String(text), start)
      return (found < 0 ? self.length : found) - start
    })
  const { exec } = RegExp.prototype
  Object.defineProperty(RegExp.prototype, 'exec', {
    configurable: true,
    writable: true,
    value: function (this: RegExp, text: string) {
      const from = this.global || this.sticky ? this.lastIndex : 0
      const found = exec.call(this, text)
      const end = found === null ? (this.sticky ? from : text.length) : found.index + found[0].length
      items += Math.max(1, end - from)
      return found
    },
  })
  const { keys } = Object
  for (const name of ['keys', 'values', 'entries', 'assign'])
    counted(Object, name, (_, args) => args.reduce((sum: number, one) => sum + sizeOf(one, keys), 0))
  const iterator = Object.getPrototypeOf([][Symbol.iterator]())
  counted(iterator, 'next', () => 1)
}

function sizeOf(value: unknown, keys: (value: object) => string[]): number {
  if (Array.isArray(value)) return value.length
  return typeof value === 'object' && value !== null ? keys(value).length : 0
}
