/** docs/warnings.md lists exactly the warnings and deprecated names of the code. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { codes, describeCode } from '../../src/inject/index.ts'
import { knownAnnotations } from '../../src/istio/index.ts'

const page = readFileSync(new URL('../../docs/warnings.md', import.meta.url), 'utf8')
const section = (title: string) => page.slice(page.indexOf(title)).split('\n## ')[0] ?? ''

t.test('the page lists exactly the codes that warn', async (t) => {
  const listed = Array.from(section('# Warnings').matchAll(/^\| `([a-z-]+)` \|/gm), ([, code = '']) => code)
  t.same(
    listed.sort(),
    Object.keys(codes)
      .filter((code) => describeCode(code)?.warns === true)
      .sort(),
  )
})

t.test('the page lists every deprecated annotation with its replacement', async (t) => {
  const rows = Array.from(
    section('## Deprecated annotations').matchAll(/^\| `([^`]+)` \| ([\d.]+) \| (.*) \|$/gm),
    (row) => row.slice(1),
  )
  const known = [...knownAnnotations].flatMap(([name, known]) =>
    known === 'current' ? [] : [[name, known.since, known.instead ?? 'nothing: it has no effect']],
  )
  t.ok(rows.length > 8)
  t.same(rows, known)
})
