/** Colours: only on a terminal, and never if NO_COLOR is set. */
import type { CommandIo } from './command.ts'
import { surround, type Text, type TextPart } from './text.ts'

export interface Paint {
  good(text: TextPart): Text
  bad(text: TextPart): Text
  bold(text: TextPart): Text
  dim(text: TextPart): Text
}

const ESCAPE = '\u001b['
const paintWith = (code: number) => (text: TextPart) => surround(`${ESCAPE}${code}m`, text, `${ESCAPE}0m`)
const plain = (text: TextPart): Text => surround('', text, '')

export function choosePaint({ env, terminal }: CommandIo): Paint {
  // no-color.org: any value except the empty one.
  const wanted = terminal === true && (env['NO_COLOR'] ?? '') === ''
  if (!wanted) return { good: plain, bad: plain, bold: plain, dim: plain }
  return { good: paintWith(32), bad: paintWith(31), bold: paintWith(1), dim: paintWith(2) }
}
