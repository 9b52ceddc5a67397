/** Reads a file of recorded answers, plain or compressed by brotli (the same name with `.br`). */
import { existsSync, readFileSync } from 'node:fs'
import { brotliDecompressSync } from 'node:zlib'

/** @param file either name of the file; the plain one is preferred where both exist */
export function readRecorded(file: string): string {
  const plain = file.replace(/\.br$/, '')
  if (existsSync(plain)) return readFileSync(plain, 'utf8')
  const compressed = `${plain}.br`
  if (existsSync(compressed)) return brotliDecompressSync(readFileSync(compressed)).toString('utf8')
  throw new Error(`${plain}: missing, and there is no ${compressed} either`)
}
