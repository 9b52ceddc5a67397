/** Owns: how production starts Node. The Dockerfile's ENTRYPOINT is the one place that says so, and the bench measures the same. */
import { readFileSync } from 'node:fs'

const DOCKERFILE = new URL('../../Dockerfile', import.meta.url)

/** Node's options, such as `--max-semi-space-size=2`. @throws Error where the Dockerfile does not start Node */
export function productionNodeArgs(dockerfile: string = readFileSync(DOCKERFILE, 'utf8')): readonly string[] {
  const text = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1]
  const words: unknown = text === undefined ? [] : JSON.parse(text)
  if (!Array.isArray(words) || words[0] !== 'node' || words.at(-1) !== 'dist/main.js')
    throw new Error('Dockerfile: expected ENTRYPOINT ["node", OPTION..., "dist/main.js"]')
  return words.slice(1, -1).map(String)
}
