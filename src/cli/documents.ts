/** Splits YAML into the texts of its documents, so that documents without injection are printed unchanged. */

export interface RawDocument {
  readonly text: string
  /** 1-based line in the whole text. */
  readonly line: number
}

/** A line that begins with `---` always separates documents (YAML 1.1, 9.2: even inside a block scalar). */
const SEPARATOR = /^---(?:[ \t\r].*)?$/

export function splitDocuments(text: string): RawDocument[] {
  const documents: RawDocument[] = []
  let lines: string[] = []
  let start = 1
  const close = (next: number): void => {
    const raw = lines.map((line) => `${line}\n`).join('')
    if (/\S/.test(raw)) documents.push({ text: raw, line: start })
    lines = []
    start = next
  }
  for (const [i, line] of text.replace(/\n$/, '').split('\n').entries()) {
    // `--- {a: 1}` and `--- # note` contain the beginning of a document.
    if (!SEPARATOR.test(line)) {
      lines.push(line)
      continue
    }
    close(i + 2)
    const rest = line.slice(3)
    if (/\S/.test(rest)) {
      lines.push(rest)
      start = i + 1
    }
  }
  close(0)
  return documents
}

/** Whether it contains only comments and white space. */
export function isEmptyDocument(document: RawDocument): boolean {
  return document.text.split('\n').every((line) => /^\s*(?:#.*)?$/.test(line))
}
