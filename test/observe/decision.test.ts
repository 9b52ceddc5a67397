import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { logDecision, prepareDecision, type RepeatedDecision } from '../../src/observe/decision.ts'
import { createLogger } from '../../src/observe/index.ts'

const LONG = 'x'.repeat(1_000_000)
const decision: RepeatedDecision = {
  kind: 'skipped',
  code: 'not-asked',
  status: 200,
  namespace: LONG,
  pod: LONG,
  revision: LONG,
  tag: LONG,
  webhook: undefined,
  istioVersion: undefined,
  patchOperations: 0,
  notes: [],
  message: undefined,
}

t.test('names of one megabyte, which the API server has not validated yet, do not fill the log', (t) => {
  const lines: string[] = []
  const logger = createLogger({ level: 'info', write: (line) => lines.push(line) })
  logDecision(logger, { ...decision, uid: LONG, micros: 1 })
  prepareDecision(logger, decision)(LONG, 1)
  t.equal(lines.length, 2)
  for (const line of lines) {
    t.ok(line.length < 2_000, `${line.length} characters`)
    t.equal((JSON.parse(line) as { pod: string }).pod, `${'x'.repeat(250)}...`)
  }
  t.end()
})

t.test('a log line prepared for the answer cache keeps no long name in memory', (t) => {
  const logger = createLogger({ level: 'info', write: () => undefined })
  const before = heapUsed()
  // Each name is a separate string, as JSON.parse makes them.
  const kept = Array.from({ length: 200 }, (_, i) => {
    const pod = JSON.parse(JSON.stringify(`${i}${'y'.repeat(200_000)}`)) as string // a text stays one
    return prepareDecision(logger, { ...decision, pod })
  })
  const grown = heapUsed() - before
  t.equal(kept.length, 200)
  t.ok(grown < 10_000_000, `${grown} bytes for 40 MB of names`)
  t.end()
})

function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void // what the option adds
  collect()
  return process.memoryUsage().heapUsed
}
