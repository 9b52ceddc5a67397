import { readFileSync } from 'node:fs'
import t from 'tap'
import { renderConfigMaps } from '../../scripts/render-examples.ts'

t.test('the example ConfigMaps are those that the profile renders', async (t) => {
  for (const [name, text] of renderConfigMaps()) {
    const written = readFileSync(
      new URL(`../../examples/canary-upgrade/cluster/${name}`, import.meta.url),
      'utf8',
    )
    t.equal(written, text, `${name}: run scripts/render-examples.ts`)
  }
})
