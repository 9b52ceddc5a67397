import t from 'tap'
import { createConnectionLog } from '../../src/observe/index.ts'
import { waitUntil } from '../wait-until.ts'

interface Line {
  readonly level: 'info' | 'warn'
  readonly fields: { readonly cause: string; readonly source: string | undefined; readonly count: number }
  readonly message: string
}

t.test('the first event of a cause is logged at once, and those that follow share one line', async (t) => {
  const lines: Line[] = []
  const write = (level: Line['level']) => (fields: object, message: string) =>
    void lines.push({ level, fields: fields as Line['fields'], message })
  const log = createConnectionLog({ info: write('info'), warn: write('warn') }, 30)
  for (let i = 1; i <= 1000; i++)
    log({ kind: 'unanswered', cause: 'header-timeout', source: `10.0.0.${i % 250}` })
  log({ kind: 'handshake', cause: 'timeout', source: undefined })
  log({ kind: 'unanswered', cause: 'client-closed-unused', source: '10.0.0.9' })
  t.match(lines, [
    { level: 'warn', fields: { cause: 'header-timeout', source: '10.0.0.1', count: 1 } },
    { level: 'warn', fields: { cause: 'timeout', count: 1 }, message: 'TLS handshake failed' },
    { level: 'info', fields: { cause: 'client-closed-unused', count: 1 } },
  ])
  t.equal(lines.length, 3)
  await waitUntil('the fourth line', () => lines.length === 4)
  t.match(lines[3], { level: 'warn', fields: { cause: 'header-timeout', source: '10.0.0.0', count: 999 } })
  log({ kind: 'unanswered', cause: 'header-timeout', source: '10.0.0.7' })
  t.match(lines[4]?.fields, { count: 1, source: '10.0.0.7' }, 'afterwards at once again')
  log.close()
})
