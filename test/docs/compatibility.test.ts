import { readFileSync } from 'node:fs'
import t from 'tap'
import { renderCompatibilityPage } from '../../scripts/compatibility-page.ts'
import { gateTable } from '../../src/istio/index.ts'
import { skipWithoutCorpus } from '../shared-corpus.ts'

const page = readFileSync(new URL('../../docs/compatibility.md', import.meta.url), 'utf8')

t.test('the page agrees with the recordings', { skip: skipWithoutCorpus('istio') }, async (t) => {
  t.equal(page, renderCompatibilityPage(), 'run `node scripts/compatibility-page.ts`')
})

t.test('every gate has a row', async (t) => {
  for (const { sentence } of Object.values(gateTable)) t.ok(page.includes(sentence), sentence)
})
