/** The tables beside this file: templates on one set of JSON data, with Go's results. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { checkTable } from './answer.ts'
import { typedData } from './eval/typed-data.ts'

const plainData = () => ({
  s: 'text',
  e: '',
  n: 3,
  f: 1.5,
  t: true,
  l: ['a', 'b', 'c'],
  m: { b: 2, a: 'x', c: { d: [1, 'z', null] } },
  nul: null,
})

for (const file of readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).sort()) {
  if (!file.endsWith('.cases.jsonl')) continue
  const data = file.endsWith('typed-data.cases.jsonl') ? typedData : plainData
  t.test(file, async (t) => checkTable(t, join(import.meta.dirname, file), data))
}
