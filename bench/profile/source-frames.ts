/** Maps a profile of the bundled server to its sources, with the maps beside the bundles. */
import { existsSync, readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { CpuProfile } from './self-time.ts'

/** Frames of files without a map are not changed. */
export function inSources(profile: CpuProfile): CpuProfile {
  const maps = new Map<string, SourceMap | undefined>()
  const nodes = profile.nodes.map((node) => {
    const { url, lineNumber, columnNumber } = node.callFrame
    if (!maps.has(url)) maps.set(url, readMap(url))
    const entry = maps.get(url)?.findEntry(lineNumber, columnNumber)
    if (entry === undefined || !('originalSource' in entry)) return node
    const { originalSource, originalLine, originalColumn } = entry
    const source = { url: new URL(originalSource, url).href, lineNumber: originalLine }
    return { ...node, callFrame: { ...node.callFrame, ...source, columnNumber: originalColumn } }
  })
  return { ...profile, nodes }
}

function readMap(url: string): SourceMap | undefined {
  if (!url.startsWith('file:')) return undefined
  const path = `${fileURLToPath(url)}.map`
  return existsSync(path) ? new SourceMap(JSON.parse(readFileSync(path, 'utf8'))) : undefined
}
