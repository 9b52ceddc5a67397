/**
 * The figures in bench/README.md: each command writes its own section between two markers, so that no figure is copied by
 * hand.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const README = join(import.meta.dirname, 'README.md')

export interface Section {
  /** Machine, Node version, cluster. */
  readonly heading: string
  /** Markdown. */
  readonly body: string
}

/** @throws Error if the file has no such markers */
export function replaceSection(text: string, name: string, content: string, author = 'the bench'): string {
  const [begin, end] = [`<!-- ${name}: written by ${author} -->`, `<!-- end of ${name} -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`there is no section ${begin} ... ${end}`)
  return `${text.slice(0, from + begin.length)}\n\n${content.trim()}\n\n${text.slice(to)}`
}

export function writeReadme(name: string, { heading, body }: Section): void {
  const date = new Date().toISOString().slice(0, 10)
  writeFileSync(README, replaceSection(readFileSync(README, 'utf8'), name, `${date}. ${heading}.\n\n${body}`))
  console.log(`written into bench/README.md: ${name}`)
}
