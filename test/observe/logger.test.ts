import t from 'tap'
import { createLogger, type Decision, logDecision } from '../../src/observe/index.ts'

const DECISION: Decision = {
  kind: 'patched',
  code: 'injected',
  status: 200,
  uid: 'u-1',
  namespace: 'shop',
  pod: 'web-',
  revision: 'canary',
  tag: undefined,
  webhook: 'rev.namespace',
  istioVersion: '1.30.3',
  patchOperations: 7,
  micros: 812,
  notes: [],
  message: undefined,
}

function record(level: 'debug' | 'info' | 'error') {
  const lines: { [field: string]: unknown }[] = []
  // Each line is the JSON object that the logger wrote.
  const logger = createLogger({
    level,
    write: (line) => lines.push(JSON.parse(line) as { [field: string]: unknown }),
  })
  return { logger, lines }
}

t.test('each decision is one log line with the fields that operators search for', async (t) => {
  const { logger, lines } = record('info')
  logDecision(logger, DECISION)
  t.equal(lines.length, 1)
  const { time, level, ...line } = lines[0] ?? {}
  t.type(time, 'number')
  t.equal(level, 30)
  t.same(line, {
    kind: 'patched',
    code: 'injected',
    namespace: 'shop',
    pod: 'web-',
    revision: 'canary',
    webhook: 'rev.namespace',
    istioVersion: '1.30.3',
    patchOps: 7,
    us: 812,
    uid: 'u-1',
    msg: 'decision',
  })
})

t.test('refusals are logged as info, faults as warnings with their message, defects as errors', async (t) => {
  const { logger, lines } = record('info')
  logDecision(logger, {
    ...DECISION,
    kind: 'refused',
    code: 'annotation-invalid',
    message: 'secret-value',
    notes: ['dns-policy'],
  })
  logDecision(logger, {
    ...DECISION,
    kind: 'fault',
    code: 'revision-unknown',
    status: 503,
    message: 'known: a, b',
  })
  logDecision(logger, {
    ...DECISION,
    kind: 'malformed',
    code: 'body-empty',
    status: 400,
    message: 'no body',
  })
  logDecision(logger, {
    ...DECISION,
    kind: 'fault',
    code: 'internal-error',
    status: 500,
    message: 'defect',
  })
  t.match(lines, [
    { level: 30, notes: ['dns-policy'] },
    { level: 40, status: 503, message: 'known: a, b' },
    { level: 40, status: 400 },
    { level: 50, status: 500 },
  ])
  t.notMatch(
    JSON.stringify(lines[0]),
    /secret-value/,
    'what a refusal quotes from the pod stays out of the log',
  )
})

t.test('above level info decisions are not logged', async (t) => {
  const { logger, lines } = record('error')
  logDecision(logger, DECISION)
  t.same(lines, [])
  t.equal(logger.isLevelEnabled('info'), false)
})

t.test('only name, code, message and stack of an error are logged', async (t) => {
  const { logger, lines } = record('info')
  logger.error({ error: Object.assign(new Error('no'), { code: 'some-code', body: 'p4ssw0rd' }) }, 'failed')
  logger.error({ error: 'text' }, 'failed')
  t.match(lines, [
    { error: { message: 'no', code: 'some-code', stack: String } },
    { error: { message: 'text' } },
  ])
  t.notMatch(JSON.stringify(lines), /p4ssw0rd/)
  logger.flush()
})
