/**
 * docs/security.md: every row of the threat model names existing tests, and the options and codes on the page exist.
 */
import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { SERVE_OPTIONS } from '../../src/config/index.ts'
import { isCode } from '../../src/inject/index.ts'

const root = new URL('../../', import.meta.url)
/** Without what the fuzzers write: their table has no tests, and names options of Node. */
const page = readFileSync(new URL('docs/security.md', root), 'utf8').replace(
  /<!-- fuzz: [\s\S]*?<!-- end of fuzz -->/,
  '',
)
const model = page.slice(page.indexOf('## Threat model'))
const rows = model.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| input'))

t.test('every row names existing tests', async (t) => {
  t.ok(rows.length >= 16)
  for (const row of rows) {
    const tests = row.match(/`test\/[^`]+`/g) ?? []
    t.ok(tests.length > 0, row)
    for (const test of tests) t.ok(existsSync(new URL(test.slice(1, -1), root)), test)
  }
})

t.test('options and codes on the page exist', async (t) => {
  for (const [, option = ''] of page.matchAll(/`--([a-z-]+)/g))
    t.ok(Object.hasOwn(SERVE_OPTIONS, option), option)
  for (const code of [
    'revision-untrusted',
    'tag-untrusted',
    'tag-service-shadows-revision',
    'webhook-namespace-not-read',
  ]) {
    t.ok(isCode(code) && page.includes(`\`${code}\``), code)
  }
})
