/** Repeated keys and invisible characters in the files of a folder. ConfigMaps of revisions have a rule of their own. */

import { invisibleIn, repeatedKeys } from '../configuration/written-texts.ts'
import type { Finding } from '../finding.ts'
import type { Rule } from '../rule.ts'

/** A larger file was written by a program. */
const MOST_BYTES = 4 * 1024 * 1024

export const manifestTexts: Rule<'cluster'> = {
  subject: 'cluster',
  codes: ['key-repeated', 'invisible-character'],
  needs: [],
  commandsOnly: true,
  find(_, { texts = [] }) {
    return texts
      .filter(({ text }) => text.length <= MOST_BYTES)
      .flatMap(({ file, text }): readonly Finding[] => {
        const where = { object: file }
        // A block scalar is the text of a ConfigMap, which has its own rule.
        return [...repeatedKeys({ text, where }), ...invisibleIn({ text: withoutBlocks(text), where })]
      })
  },
}

/** The text with the lines of block scalars empty. */
function withoutBlocks(text: string): string {
  let block: number | undefined
  return text
    .split('\n')
    .map((line) => {
      const indent = line.search(/\S/)
      if (indent < 0) return ''
      if (block !== undefined && indent > block) return ''
      block = /:\s+[|>][-+\d]*\s*(?:#.*)?$/.test(line) ? indent : undefined
      return line
    })
    .join('\n')
}
