/** The kinds of corpus folders and the suite of each. Suites are loaded on demand. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Suite } from './suite.ts'

const loaders: ReadonlyMap<string, () => Promise<Suite>> = new Map([
  ['gotemplate', async () => (await import('./gotemplate.ts')).suite],
  ['sprig', async () => (await import('./sprig.ts')).suite],
  ['strategic-merge', async () => (await import('./strategic-merge.ts')).suite],
  ['json-patch', async () => (await import('./json-patch.ts')).suite],
  ['go-yaml-json', async () => (await import('./go-yaml-json.ts')).suite],
  ['selectors', async () => (await import('./selectors.ts')).suite],
  ['istio-injection', async () => (await import('./istio-injection.ts')).suite],
])

/** Kinds that are inputs for other tests and hold no expectations of their own. */
const withoutExpectations: ReadonlySet<string> = new Set(['admission-reviews', 'bench-reviews', 'installs'])

export interface CorpusFolder {
  readonly path: string
  readonly kind: string
}

/** `suite` is undefined where the kind has nothing to compare; throws for an unknown kind. */
export async function loadSuite(folder: CorpusFolder): Promise<Suite | undefined> {
  const load = loaders.get(folder.kind)
  if (load !== undefined) return load()
  if (withoutExpectations.has(folder.kind)) return undefined
  const known = [...loaders.keys(), ...withoutExpectations].join(', ')
  throw new Error(
    `${join(folder.path, 'meta.json')}: unknown kind ${JSON.stringify(folder.kind)}; known are ${known}`,
  )
}

/** The corpus folders at or below `path`: a folder without meta.json stands for its subfolders. */
export function findCorpusFolders(path: string): CorpusFolder[] {
  const metaFile = join(path, 'meta.json')
  if (existsSync(metaFile)) {
    const meta: unknown = JSON.parse(readFileSync(metaFile, 'utf8'))
    const kind = typeof meta === 'object' && meta !== null && 'kind' in meta ? String(meta.kind) : ''
    return [{ path, kind }]
  }
  return readdirSync(path)
    .sort()
    .map((name) => join(path, name))
    .filter((child) => statSync(child).isDirectory())
    .flatMap(findCorpusFolders)
}
