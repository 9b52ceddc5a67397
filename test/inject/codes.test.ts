import { globSync, readFileSync } from 'node:fs'
import t from 'tap'
import { renderCodesPage } from '../../scripts/codes-page.ts'
import { type CodeEntry, codes, describeCode, isCode } from '../../src/inject/codes.ts'

const entries: readonly (readonly [string, CodeEntry])[] = Object.entries(codes)

t.test('docs/codes.md agrees with the table', async (t) => {
  const page = readFileSync(new URL('../../docs/codes.md', import.meta.url), 'utf8')
  t.equal(page, renderCodesPage(), 'run `node scripts/codes-page.ts` after a change of the table')
  for (const [code] of entries) t.match(page, `### ${code}\n`)
})

t.test('every code is kebab-case and says what it means', async (t) => {
  for (const [code, entry] of entries) {
    t.match(code, /^[a-z]+(-[a-z0-9]+)*$/)
    t.match(entry.sentence, /^[A-Z`].*\.$/, code)
    if (entry.fix !== undefined) t.match(entry.fix, /^[A-Z`].*\.$/, code)
  }
})

/** Faults that last until the cluster or the configuration changes; all others are temporary. */
const LASTING = ['revision-unusable', 'internal-error']

t.test('refusals, temporary faults and permanent faults have different responses', async (t) => {
  for (const [code, entry] of entries) {
    if (entry.kind === 'refused') {
      t.equal(entry.httpStatus, 200, `${code}: allowed false is a rejection of its own`)
      t.equal(entry.retryAfterSeconds, undefined, code)
      t.ok(entry.fix, `${code}: a refusal must say how to fix it`)
    } else if (entry.kind === 'fault') {
      t.ok([429, 500, 503].includes(entry.httpStatus ?? 0), code)
      t.equal(entry.retryAfterSeconds, LASTING.includes(code) ? undefined : 1, code)
    } else if (entry.kind === 'malformed') {
      t.ok((entry.httpStatus ?? 0) >= 400 && (entry.httpStatus ?? 0) < 500, code)
    } else {
      t.equal(entry.httpStatus, undefined, code)
    }
  }
})

t.test('a name that is no code has no row', async (t) => {
  t.equal(describeCode('injected')?.kind, 'patched')
  t.equal(isCode('constructor'), false)
  t.equal(describeCode('__proto__'), undefined)
})

t.test('every code in the source has a row', async (t) => {
  const root = new URL('../../src/', import.meta.url)
  // The template package's own classes are kinds of one code and are never shown.
  const files = globSync('**/*.ts', { cwd: root }).filter((file) => !file.startsWith('gotemplate'))
  const spoken =
    /(?:\bcode: |new [A-Za-z]*Error\(\s*|super\(\s*|(?:fail|refuseAs|configError)\()'([a-z]+(?:-[a-z0-9]+)+)'/g
  let count = 0
  for (const file of files) {
    for (const [, code = ''] of readFileSync(new URL(file, root), 'utf8').matchAll(spoken)) {
      count++
      if (!isCode(code)) t.fail(`${file}: ${code} has no row in src/inject/codes.ts`)
    }
  }
  t.ok(count > 50)
})
