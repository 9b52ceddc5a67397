import t from 'tap'
import { findCorpus } from '../shared-corpus.ts'
import { findCorpusFolders, loadSuite } from './suites.ts'

const corpus = findCorpus()

for (const folder of corpus === undefined ? [] : findCorpusFolders(corpus)) {
  t.test(`${folder.path.slice((corpus ?? '').length + 1)} agrees`, async (t) => {
    const suite = await loadSuite(folder)
    if (suite === undefined) {
      t.pass('nothing to compare')
      return
    }
    const failed: string[] = []
    let count = 0
    for (const result of suite.run(folder.path, {})) {
      count += 1
      if (!result.passed) failed.push(result.id)
    }
    t.same(failed.slice(0, 20), [], `${count - failed.length} of ${count} cases agree`)
    t.ok(count > 0, 'the folder has cases')
  })
}
