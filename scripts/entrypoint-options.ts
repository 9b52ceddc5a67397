/**
 * How the image starts Node. The Dockerfile's ENTRYPOINT is the one place that says so; the bench, the hostile
 * cases, the fuzzers and the end-to-end suites read it here and start the same.
 */
import { readFileSync } from 'node:fs'

const DOCKERFILE = new URL('../Dockerfile', import.meta.url)

/** Node's options, such as `--max-semi-space-size=8`. @throws Error where the Dockerfile does not start Node */
export function entrypointOptions(dockerfile: string = readFileSync(DOCKERFILE, 'utf8')): readonly string[] {
  const text = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1]
  const words: unknown = text === undefined ? [] : JSON.parse(text)
  if (!Array.isArray(words) || words[0] !== 'node' || words.at(-1) !== 'dist/main.js')
    throw new Error('Dockerfile: expected ENTRYPOINT ["node", OPTION..., "dist/main.js"]')
  return words.slice(1, -1).map(String)
}
