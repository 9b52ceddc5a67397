/** Links in the pages and files in ARCHITECTURE's table of behaviours exist. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'

const root = new URL('..', import.meta.url).pathname
const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...globSync('{docs,bench,certs,examples,charts}/**/*.md', { cwd: root }),
]

for (const page of pages) {
  t.test(`${page} links only to existing files and headings`, async (t) => {
    const text = readFileSync(join(root, page), 'utf8')
    const links = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map((match) => match[1] ?? '')
    const missing = links.filter(
      (link) => !link.includes('://') && !existsSync(join(root, dirname(page), link)),
    )
    t.same(missing, [])
  })
}

t.test('each Istio behaviour in ARCHITECTURE.md names files that exist', async (t) => {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
  const section = text.slice(
    text.indexOf('## Where each behaviour of Istio is implemented'),
    text.indexOf('## Decisions'),
  )
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && line.includes('`'))
  t.ok(rows.length > 20, 'the table was found')
  for (const row of rows.slice(1)) {
    const cell = row.split('|')[2] ?? ''
    let folder = ''
    for (const [, name = ''] of cell.matchAll(/`([^`]+)`/g)) {
      const path = name.includes('/') ? name : join(folder, name)
      folder = dirname(path)
      t.not(globSync(join('src', path), { cwd: root }).length, 0, path)
    }
  }
})
