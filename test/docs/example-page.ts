/** The example clusters and outputs that a page of the documentation prints. Not a test of its own. */
import { execFileSync } from 'node:child_process'
import { existsSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** Runs the commands of the page that make clusters of the examples, in a folder where `examples/` is. */
export function makeClusters(page: string, folder: string): void {
  if (!existsSync(join(folder, 'examples'))) symlinkSync(join(root, 'examples'), join(folder, 'examples'))
  for (const [, text = ''] of page.matchAll(/```sh\n(mkdir -p [\s\S]*?)```/g))
    if (text.includes('examples/')) execFileSync('sh', ['-e', '-c', text], { cwd: folder })
}

/** A line `...` stands for any lines. */
export function patternOf(shown: string): RegExp {
  const parts = shown
    .split(/^\.\.\.\n|\.\.\.(?=\n)/m)
    .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('[\\s\\S]*?')}$`)
}
