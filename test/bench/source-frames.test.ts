/** Profiles of bundles refer to positions in the sources. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { inSources } from '../../bench/profile/source-frames.ts'

t.test('a stack frame of a bundle is mapped to its source, and others do not change', async (t) => {
  const folder = t.testdir({ 'a.js': '' })
  // Line 1: column 0 is line 5 of a.ts, column 20 is line 9, column 2 of b.ts.
  const map = { version: 3, sources: ['../src/a.ts', '../src/b.ts'], names: [], mappings: 'AAIA,oBCIE' }
  writeFileSync(join(folder, 'a.js.map'), JSON.stringify(map))
  const url = pathToFileURL(join(folder, 'a.js')).href
  const frame = (id: number, at: string, columnNumber: number) => ({
    id,
    callFrame: { functionName: 'f', url: at, lineNumber: 0, columnNumber },
  })
  const nodes = [frame(1, url, 3), frame(2, url, 25), frame(3, 'node:fs', 1), frame(4, '', 0)]
  const mapped = inSources({ nodes, startTime: 0, samples: [], timeDeltas: [] })
  const place = (path: string, lineNumber: number, columnNumber: number) => ({
    functionName: 'f',
    url: new URL(path, url).href,
    lineNumber,
    columnNumber,
  })
  t.same(
    mapped.nodes.map(({ callFrame }) => callFrame),
    [place('../src/a.ts', 4, 0), place('../src/b.ts', 8, 2), nodes[2]?.callFrame, nodes[3]?.callFrame],
  )
})
