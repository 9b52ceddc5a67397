/** The recorded answers beside this file, compared with those of the core. README.md describes their format. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { RANDOM_IN_ISTIO } from '../conformance/random-in-istio.ts'
import { findCorpusFolders, loadSuite } from '../conformance/suites.ts'

const folders = findCorpusFolders(import.meta.dirname)

t.test('at least one release is recorded', async (t) => t.ok(folders.length >= 2))

for (const folder of folders) {
  t.test(`${folder.path.slice(import.meta.dirname.length + 1)} agrees`, async (t) => {
    const suite = await loadSuite(folder)
    const failed: string[] = []
    const differences = new Set<string>()
    let count = 0
    for (const { id, passed, detail, difference } of suite?.run(folder.path, {}) ?? []) {
      count++
      if (!passed) failed.push(`${id}\n${detail}`)
      if (difference !== undefined) differences.add(difference)
    }
    t.same(failed.slice(0, 5), [], `${count - failed.length} of ${count} cases agree`)
    t.same(
      [...differences].filter((reason) => reason !== RANDOM_IN_ISTIO),
      [],
      'the only named difference is what Istio itself answers at random',
    )
    t.ok(count > 0, `${count} cases`)
  })
}

t.test('the recordings stay below their size limit', async (t) => {
  const bytes = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(import.meta.dirname, name)))
    .filter((found) => found.isFile())
    .reduce((sum, { size }) => sum + size, 0)
  t.ok(bytes < 400_000, `${bytes} bytes`)
})
