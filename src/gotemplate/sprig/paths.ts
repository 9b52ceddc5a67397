/** Go's package path, equal to filepath on Linux. */
import type { FunctionSpec, FunctionTable } from '../functions.ts'
import { boolType, ofStrings, stringType } from './define.ts'

function cleanPath(path: string): string {
  if (path === '') return '.'
  const rooted = path.startsWith('/')
  const kept: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') kept.push(part)
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop()
    else if (!rooted) kept.push('..')
  }
  const joined = kept.join('/')
  return rooted ? `/${joined}` : joined === '' ? '.' : joined
}

function base(path: string): string {
  if (path === '') return '.'
  let end = path.length
  while (end > 0 && path[end - 1] === '/') end--
  const trimmed = path.slice(0, end)
  return trimmed === '' ? '/' : trimmed.slice(trimmed.lastIndexOf('/') + 1)
}

function ext(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot < 0 ? '' : name.slice(dot)
}

const of = (call: (path: string) => string): FunctionSpec =>
  ofStrings(1, stringType, ([path = '']) => call(path))
const dir = (path: string): string => cleanPath(path.slice(0, path.lastIndexOf('/') + 1))
const isAbs = ofStrings(1, boolType, ([path = '']) => path.startsWith('/'))

export const paths: FunctionTable = {
  base: of(base),
  dir: of(dir),
  clean: of(cleanPath),
  ext: of(ext),
  isAbs,
  osBase: of(base),
  osDir: of(dir),
  osClean: of(cleanPath),
  osExt: of(ext),
  osIsAbs: isAbs,
}
