/**
 * Where the corpora of answers by the real Istio, Go and Kubernetes are: `../shared/corpus` beside the project,
 * if at all. REMORA_SHARED names another place; `REMORA_SHARED=none` leaves them out, as on a machine without them.
 * In CI nothing is left out by accident: there a missing corpus fails each test that needs it.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.env['REMORA_SHARED'] ?? join(import.meta.dirname, '../../shared')

/** The path of a corpus' folder or file, or undefined where it is not here. */
export function findCorpus(path = ''): string | undefined {
  return findShared(join('corpus', path))
}

/** The same for what is beside the corpora: reports and whole clusters. */
export function findShared(path: string): string | undefined {
  const place = join(folder, path)
  if (process.env['CI'] === 'true' && folder !== 'none' && !existsSync(place))
    throw new Error(`${place}: missing; in CI the corpora stand beside the project`)
  return folder !== 'none' && existsSync(place) ? place : undefined
}

/** For the option `skip` of a test that needs that corpus. */
export function skipWithoutCorpus(path = ''): string | false {
  return findCorpus(path) === undefined ? 'the corpus is not here' : false
}
