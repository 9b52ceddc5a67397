import t from 'tap'
import { humanLine } from '../../src/observe/human-line.ts'
import { createLogger } from '../../src/observe/index.ts'

t.test('a log line is readable for people', async (t) => {
  const lines: string[] = []
  const logger = createLogger({ level: 'info', human: true, write: (line) => lines.push(line) })
  logger.info({ url: 'https://localhost:9443', revisions: 3 }, 'serving')
  logger.warn({ error: new Error('no route') }, 'watch lost')
  logger.error({ list: [1, 2], text: 'two words' }, 'odd')
  t.match(lines[0], /^\d\d:\d\d:\d\d INFO {2}serving {2}url=https:\/\/localhost:9443 {2}revisions=3\n$/)
  t.match(lines[1], /WARN {2}watch lost {2}error="no route"\n$/)
  t.match(lines[2], /ERROR odd {2}list=\[1,2\] {2}text="two words"\n$/)
})

t.test('no text reaches the terminal unescaped, and lines that are not JSON stay unchanged', async (t) => {
  t.notMatch(
    humanLine(`${JSON.stringify({ level: 30, time: 0, msg: '\u001b[2J', a: '\u0007' })}\n`),
    /\p{Cc}(?!$)/u,
  )
  t.equal(humanLine('not JSON\n'), 'not JSON\n')
  t.ok(humanLine(JSON.stringify({ level: 30, time: 0, msg: 'm', a: 'x'.repeat(9_999) })).length < 300)
})
