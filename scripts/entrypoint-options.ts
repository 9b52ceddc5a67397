/**
 * The Node options of the image. The Dockerfile's ENTRYPOINT is their only source: the benchmarks, the hostile cases,
 * the fuzzers and the end-to-end suites read them here.
 */
import { readFileSync } from 'node:fs'

const DOCKERFILE = new URL('../Dockerfile', import.meta.url)

/** Node's options, such as `--max-semi-space-size=8`. @throws Error if the Dockerfile does not start Node */
export function entrypointOptions(dockerfile: string = readFileSync(DOCKERFILE, 'utf8')): readonly string[] {
  const text = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1]
  const words: unknown = text === undefined ? [] : JSON.parse(text)
  if (!Array.isArray(words) || words[0] !== 'node' || words.at(-1) !== 'dist/main.js')
    throw new Error('Dockerfile: expected ENTRYPOINT ["node", OPTION..., "dist/main.js"]')
  return words.slice(1, -1).map(String)
}
