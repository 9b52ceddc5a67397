/** Plain scalars: text without quotes, on one line or folded over several. */
import { BLANK, BLANK_OR_END, BREAK, classOf, FLOW_INDICATOR } from './chars.ts'
import type { Cursor } from './cursor.ts'
import { foldBreaks } from './fold-breaks.ts'
import { SCALAR, Token } from './token.ts'

/** Sets `endedByBreak`: whether a line break followed the text. */
export function scanPlain(cursor: Cursor): Token {
  const { text } = cursor
  const inFlow = cursor.flowLevel > 0
  const indent = cursor.indent + 1
  const start = cursor.pos
  const token = new Token(SCALAR, start, cursor.line, start - cursor.lineStart, '')
  token.plain = true
  /** The text of earlier lines; that of the current line is text[partStart, partEnd). */
  let value = ''
  let partStart = start
  let partEnd = start
  let firstBreak = ''
  let moreBreaks = ''
  for (;;) {
    if (cursor.atDocumentIndicator()) break
    let pos = cursor.pos
    let code = text.charCodeAt(pos)
    if (code === 0x23) break
    for (;;) {
      const bits = classOf(code)
      if ((bits & BLANK_OR_END) !== 0) break
      if (code === 0x3a) {
        if ((classOf(text.charCodeAt(pos + 1)) & BLANK_OR_END) !== 0) break
      } else if (inFlow && (bits & FLOW_INDICATOR) !== 0) break
      code = text.charCodeAt(++pos)
    }
    if (pos > cursor.pos) {
      if (firstBreak !== '') {
        value += text.slice(partStart, partEnd) + foldBreaks(firstBreak, moreBreaks)
        partStart = cursor.pos
        firstBreak = ''
        moreBreaks = ''
      }
      partEnd = pos
      cursor.pos = pos
    }
    let bits = classOf(code)
    if ((bits & (BLANK | BREAK)) === 0) break
    while ((bits & (BLANK | BREAK)) !== 0) {
      if ((bits & BLANK) !== 0) {
        if (code === 9 && firstBreak !== '' && cursor.pos - cursor.lineStart < indent) {
          cursor.fail('a tab where the text must be indented with spaces')
        }
        cursor.pos++
      } else if (firstBreak === '') {
        firstBreak = cursor.readBreak()
      } else {
        moreBreaks += cursor.readBreak()
      }
      code = text.charCodeAt(cursor.pos)
      bits = classOf(code)
    }
    if (!inFlow && cursor.pos - cursor.lineStart < indent) break
  }
  token.value = value === '' ? text.slice(partStart, partEnd) : value + text.slice(partStart, partEnd)
  cursor.endedByBreak = firstBreak !== ''
  return token
}
